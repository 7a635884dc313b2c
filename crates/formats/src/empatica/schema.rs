//! The schema of an Avro container: the types of its values.

use serde_json::Value;
use std::collections::HashMap;

/// Types in types, in a schema and in values.
pub(super) const DEEPEST: usize = 64;

/// A type, with others by their place in the schema.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    Null,
    Boolean,
    /// Of 32 or 64 bits.
    Whole,
    Float,
    Double,
    /// Bytes or text.
    Bytes,
    Fixed(u64),
    Array(usize),
    Map(usize),
    Record(Vec<(String, usize)>),
    Union(Vec<usize>),
}

/// The types of the values in a file.
#[derive(Clone, Debug)]
pub(super) struct Schema {
    pub(super) types: Vec<Type>,
    pub(super) root: usize,
}

impl Schema {
    /// Reads a schema; what is wrong with it, if anything.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let json: Value =
            serde_json::from_slice(text).map_err(|error| format!("a schema that is no JSON: {error}"))?;
        let mut build = Build { types: Vec::new(), names: HashMap::new() };
        let root = build.add(&json, 0)?;
        Ok(Self { types: build.types, root })
    }

    /// Whether a value has a field below others, by their names.
    pub(super) fn has(&self, path: &[&str]) -> bool {
        let mut at = vec![self.root];
        for name in path {
            // Through unions, which stand for values that may be missing.
            let records = at.iter().flat_map(|&i| match &self.types[i] {
                Type::Union(all) => all.clone(),
                _ => vec![i],
            });
            let fields = records.filter_map(|i| match &self.types[i] {
                Type::Record(fields) => fields.iter().find(|field| field.0 == *name).map(|field| field.1),
                _ => None,
            });
            at = fields.collect();
            // Unions may name one type any number of times, which would multiply with each step.
            at.sort_unstable();
            at.dedup();
        }
        !at.is_empty()
    }
}

struct Build {
    types: Vec<Type>,
    names: HashMap<String, usize>,
}

impl Build {
    fn push(&mut self, new: Type) -> usize {
        self.types.push(new);
        self.types.len() - 1
    }

    fn add(&mut self, json: &Value, depth: usize) -> Result<usize, String> {
        if depth > DEEPEST {
            return Err(format!("a schema with more than {DEEPEST} types in one another"));
        }
        match json {
            Value::String(name) => self.named(name),
            Value::Array(all) => {
                let all = all.iter().map(|one| self.add(one, depth + 1)).collect::<Result<_, _>>()?;
                Ok(self.push(Type::Union(all)))
            }
            Value::Object(object) => {
                let of = |key: &str| {
                    object.get(key).ok_or_else(|| format!("a type without `{key}` in the schema"))
                };
                let kind = of("type")?;
                let new = match kind.as_str() {
                    Some("record" | "error") => {
                        // Before its fields, which may be of the same type.
                        let index = self.push(Type::Null);
                        self.name(object.get("name"), index);
                        let mut fields = Vec::new();
                        for field in of("fields")?.as_array().into_iter().flatten() {
                            let name =
                                field.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
                            let kind = field.get("type").ok_or("a field without a type in the schema")?;
                            fields.push((name, self.add(kind, depth + 1)?));
                        }
                        self.types[index] = Type::Record(fields);
                        return Ok(index);
                    }
                    Some("enum") => Type::Whole,
                    Some("fixed") => {
                        Type::Fixed(of("size")?.as_u64().ok_or("a size that is no number in the schema")?)
                    }
                    Some("array") => Type::Array(self.add(of("items")?, depth + 1)?),
                    Some("map") => Type::Map(self.add(of("values")?, depth + 1)?),
                    _ => return self.add(kind, depth + 1),
                };
                let index = self.push(new);
                self.name(object.get("name"), index);
                Ok(index)
            }
            _ => Err("a type that is neither a name nor a description in the schema".to_owned()),
        }
    }

    /// Remembers a type by its name, with and without the space that it stands in.
    fn name(&mut self, name: Option<&Value>, index: usize) {
        if let Some(name) = name.and_then(Value::as_str) {
            self.names.insert(name.to_owned(), index);
            self.names.insert(last(name).to_owned(), index);
        }
    }

    fn named(&mut self, name: &str) -> Result<usize, String> {
        let primitive = match name {
            "null" => Type::Null,
            "boolean" => Type::Boolean,
            "int" | "long" => Type::Whole,
            "float" => Type::Float,
            "double" => Type::Double,
            "bytes" | "string" => Type::Bytes,
            _ => {
                let known = self.names.get(name).or_else(|| self.names.get(last(name)));
                let unknown = || format!("type {} in the schema", crate::error::quoted(name.as_bytes()));
                return known.copied().ok_or_else(unknown);
            }
        };
        Ok(self.push(primitive))
    }
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
