//! The space in which the last layer is moved.

use super::{BIAS, Examples};
use crate::Model;
use crate::cholesky::solve_lower;
use crate::novelty::Clouds;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use ambulo_nn::Random;

/// Embeddings turned and stretched so that classes are round, around their common middle; with a constant behind.
pub(super) struct Space {
    width: usize,
    /// `[width, width]`, lower triangular.
    whitening: Vec<f64>,
    /// Middle of the classes after whitening.
    middle: Vec<f64>,
    /// Means of the classes that the model has seen, after whitening; none for models that do not tell known from unknown.
    means: Vec<Vec<f64>>,
}

/// A window that stands for a class.
pub(super) struct Rehearsed {
    pub(super) embedding: Vec<f32>,
    /// What the last layer says of it.
    pub(super) logits: Vec<f64>,
}

/// `N.`, what names of parameters of the last layer begin with.
pub(super) fn last_layer(model: &Model) -> String {
    format!("{}.", model.metadata().architecture.layers.len().saturating_sub(1))
}

/// Weight `[class, width]` and bias of the last layer; none if it is of another kind.
pub(super) fn layer(model: &Model) -> Option<(&[f32], &[f32])> {
    let last = last_layer(model);
    let parameters = model.network().parameters();
    let find = |name: &str| {
        let found = parameters.iter().find(|p| p.name.strip_prefix(&*last) == Some(name));
        found.map(|p| &model.weights()[p.range.clone()])
    };
    let (weight, bias) = (find("weight")?, find("bias")?);
    let (classes, width) = (model.metadata().labels.len(), model.network().embedding().len());
    (weight.len() == classes * width && bias.len() == classes).then_some((weight, bias))
}

impl Space {
    /// By what the model remembers of its training; where it remembers nothing, directions are as they are, all as wide as the
    /// examples are on average.
    pub(super) fn of(model: &Model, examples: &Examples) -> Self {
        let width = model.network().embedding().len();
        match &model.metadata().unknown {
            Some(novelty) => Self::of_clouds(&novelty.embedding),
            None => Self::of_examples(examples, width),
        }
    }

    fn of_clouds(clouds: &Clouds) -> Self {
        let width = clouds.dimension;
        let means: Vec<Vec<f64>> = clouds
            .means
            .chunks_exact(width.max(1))
            .map(|mean| mean.iter().map(|&v| f64::from(v)).collect())
            .collect();
        let mut middle = vec![0.0; width];
        for mean in &means {
            middle.iter_mut().zip(mean).for_each(|(m, v)| *m += v / means.len() as f64);
        }
        Self { width, whitening: clouds.whitening.iter().map(|&v| f64::from(v)).collect(), middle, means }
    }

    fn of_examples(examples: &Examples, width: usize) -> Self {
        let count = examples.windows.len().max(1) as f64;
        let mut mean = vec![0.0; width];
        for window in &examples.windows {
            mean.iter_mut().zip(&window.embedding).for_each(|(m, &v)| *m += f64::from(v) / count);
        }
        let mut square = 0.0;
        for window in &examples.windows {
            let away = window.embedding.iter().zip(&mean).map(|(&v, m)| f64::from(v) - m);
            square += away.map(|a| a * a).sum::<f64>() / (count * width as f64);
        }
        let scale = if square > 0.0 { 1.0 / libm::sqrt(square) } else { 1.0 };
        let mut whitening = vec![0.0; width * width];
        (0..width).for_each(|i| whitening[i * width + i] = scale);
        Self { width, whitening, middle: mean.iter().map(|m| m * scale).collect(), means: Vec::new() }
    }

    /// Values of a point.
    pub(super) fn dimension(&self) -> usize {
        self.width + 1
    }

    /// Appends the point of an embedding.
    pub(super) fn place(&self, embedding: &[f32], out: &mut Vec<f64>) {
        for (i, (row, middle)) in self.whitening.chunks_exact(self.width).zip(&self.middle).enumerate() {
            let value: f64 = row[..=i].iter().zip(embedding).map(|(w, &v)| w * f64::from(v)).sum();
            out.push(value - middle);
        }
        out.push(BIAS);
    }

    /// From `[dimension, class]` in this space to weight `[class, width]` and bias of a layer on embeddings.
    pub(super) fn unplace(&self, added: &[f64], classes: usize) -> (Vec<f64>, Vec<f64>) {
        let n = self.width;
        let (mut weight, mut bias) = (vec![0.0; classes * n], vec![0.0; classes]);
        for c in 0..classes {
            bias[c] = BIAS * added[n * classes + c];
            for i in 0..n {
                let d = added[i * classes + c];
                bias[c] -= d * self.middle[i];
                for (w, whitening) in weight[c * n..][..=i].iter_mut().zip(&self.whitening[i * n..]) {
                    *w += d * whitening;
                }
            }
        }
        (weight, bias)
    }

    /// Windows that stand for the classes the model has seen, `each` drawn from every cloud, the same every time.
    pub(super) fn rehearse(&self, model: &Model, each: usize) -> Vec<Rehearsed> {
        const SEED: u64 = 1;
        let Some((weight, bias)) = layer(model) else { return Vec::new() };
        let mut random = Random::new(SEED, 0);
        let mut all = Vec::with_capacity(self.means.len() * each);
        for mean in &self.means {
            for _ in 0..each {
                let white: Vec<f64> = mean.iter().map(|m| m + f64::from(random.normal())).collect();
                let embedding = self.coloured(&white);
                let logit = |(row, &bias): (&[f32], &f32)| {
                    let products = row.iter().zip(&embedding).map(|(&w, &v)| f64::from(w) * f64::from(v));
                    f64::from(bias) + products.sum::<f64>()
                };
                let logits = weight.chunks_exact(self.width).zip(bias).map(logit).collect();
                all.push(Rehearsed { embedding, logits });
            }
        }
        all
    }

    /// The embedding that whitening takes to a point, by forward substitution.
    fn coloured(&self, white: &[f64]) -> Vec<f32> {
        let mut x = white.to_vec();
        solve_lower(&self.whitening, self.width, &mut x);
        x.iter().map(|&v| v as f32).collect()
    }
}
