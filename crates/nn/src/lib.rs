//! Small recurrent and convolutional networks on the CPU: layers with hand-derived gradients, kernels per instruction set, losses
//! and optimisers. This crate knows arrays and nothing of activities or sensors.
//!
//! - [`Architecture`] describes a network as a list of [`LayerSpec`]s and checks every shape;
//! - [`Network`] holds the layers; parameters are one flat `[f32]` with PyTorch's names, shapes and gate order
//!   ([`Network::parameters`]);
//! - [`train::Engine`] (feature `std`) computes batches in shards on a thread pool: the same bits for any number of threads.
//!
//! Arrays at the public boundary are `[batch, time, channel]`, row-major f32; inside, they are time-major.
//! The forward half builds with `no_std` + `alloc`.
//!
//! ```
//! use ambulo_nn::{Architecture, LayerSpec, Network, Pooling, Shape};
//!
//! let architecture = Architecture {
//!     layers: vec![
//!         LayerSpec::Lstm { hidden: 8, layers: 2, dropout: 0.0, bidirectional: false },
//!         LayerSpec::Pool { kind: Pooling::Last },
//!         LayerSpec::Linear { out: 3 },
//!     ],
//! };
//! let network = Network::new(&architecture, Shape { time: 16, channels: 6 })?;
//! let weights = network.initial_weights(1);
//! let windows = vec![0.0; 2 * 16 * 6]; // [2, 16, 6]
//! let logits = network.infer(&weights, &windows)?; // [2, 3]
//! assert_eq!(logits.len(), 6);
//! # Ok::<(), ambulo_nn::NnError>(())
//! ```
#![cfg_attr(not(feature = "std"), no_std)]
extern crate alloc;

mod architecture;
mod cost;
mod error;
mod initial;
mod kernel;
mod layer;
pub mod loss;
#[cfg(feature = "measure")]
pub mod measure;
mod network;
pub mod optim;
pub mod reference;
mod rng;
#[cfg(feature = "std")]
pub mod train;

pub use architecture::{Activation, Architecture, LayerSpec, Pooling, Shape, WindowPooling};
pub use error::NnError;
pub use kernel::{Aligned, InstructionSet, argmax, softmax};
pub use layer::{Mode, Role};
pub use network::{Buffers, Gradients, Network, Parameter, SHARD};
pub use rng::Random;
