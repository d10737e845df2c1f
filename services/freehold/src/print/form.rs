//! Messages of the contracts as JSON for scripts.
//!
//! The contracts' own JSON form leaves out what is empty and writes 64-bit numbers as texts. A script is better served
//! by fields that are always there and by numbers: none of ours comes near the 2^53 up to which every JSON reader is
//! exact.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet};
use serde::Serialize;
use serde_json::{Map, Value};

/// The shapes of all messages, by full name.
pub(crate) struct Forms {
    messages: BTreeMap<String, DescriptorProto>,
    /// Name of the value 0.
    enums: BTreeMap<String, String>,
}

impl Forms {
    /// Reads the shapes from the contracts.
    ///
    /// # Errors
    /// When this binary was built with contracts that cannot be read.
    pub(crate) fn new() -> Result<Self> {
        let files = FileDescriptorSet::decode(freehold_proto::DESCRIPTORS).context("cannot read the contracts")?;
        let mut forms = Self { messages: BTreeMap::new(), enums: BTreeMap::new() };
        for file in files.file {
            let package = format!(".{}", file.package());
            for message in file.message_type {
                forms.add(&package, message);
            }
            for enumeration in file.enum_type {
                let zero = enumeration.value.iter().find(|value| value.number() == 0);
                let zero = zero.map(|value| value.name().to_owned()).unwrap_or_default();
                forms.enums.insert(format!("{package}.{}", enumeration.name()), zero);
            }
        }
        Ok(forms)
    }

    fn add(&mut self, scope: &str, message: DescriptorProto) {
        let name = format!("{scope}.{}", message.name());
        for nested in &message.nested_type {
            self.add(&name, nested.clone());
        }
        self.messages.insert(name, message);
    }

    /// A message as JSON; `name` is its full name in the contracts.
    ///
    /// # Errors
    /// When the message holds a number that no enumeration has.
    pub(crate) fn of(&self, name: &str, message: &impl Serialize) -> Result<Value> {
        let mut value = serde_json::to_value(message).with_context(|| format!("{name} has no JSON form"))?;
        self.complete(&format!(".{name}"), &mut value);
        Ok(value)
    }

    /// Several messages of one kind.
    ///
    /// # Errors
    /// See [`Forms::of`].
    pub(crate) fn list<M: Serialize>(&self, name: &str, messages: &[M]) -> Result<Value> {
        messages.iter().map(|message| self.of(name, message)).collect()
    }

    fn complete(&self, name: &str, value: &mut Value) {
        let (Some(shape), Value::Object(fields)) = (self.messages.get(name), value) else { return };
        // Times have a JSON form of their own.
        if name.starts_with(".google.") {
            return;
        }
        for field in &shape.field {
            self.complete_field(field, fields);
        }
    }

    fn complete_field(&self, field: &FieldDescriptorProto, fields: &mut Map<String, Value>) {
        let Some(value) = fields.get_mut(field.name()) else {
            if field.oneof_index.is_none() {
                fields.insert(field.name().to_owned(), self.empty(field));
            }
            return;
        };
        match (field.r#type(), value) {
            (Type::Message, Value::Array(items)) => {
                for item in items {
                    self.complete(field.type_name(), item);
                }
            }
            (Type::Message, item) if !self.map(field) => self.complete(field.type_name(), item),
            (Type::Int64, number) => {
                if let Some(exact) = number.as_str().and_then(|text| text.parse::<i64>().ok()) {
                    *number = exact.into();
                }
            }
            _ => {}
        }
    }

    fn map(&self, field: &FieldDescriptorProto) -> bool {
        let shape = self.messages.get(field.type_name());
        shape.and_then(|shape| shape.options.as_ref()).is_some_and(prost_types::MessageOptions::map_entry)
    }

    fn empty(&self, field: &FieldDescriptorProto) -> Value {
        if field.label() == Label::Repeated {
            return if self.map(field) { Value::Object(Map::new()) } else { Value::Array(Vec::new()) };
        }
        match field.r#type() {
            Type::String | Type::Bytes => Value::String(String::new()),
            Type::Bool => Value::Bool(false),
            Type::Message | Type::Group => Value::Null,
            Type::Enum => self.enums.get(field.type_name()).map_or(Value::Null, |zero| Value::String(zero.clone())),
            Type::Double
            | Type::Float
            | Type::Int64
            | Type::Uint64
            | Type::Int32
            | Type::Fixed64
            | Type::Fixed32
            | Type::Uint32
            | Type::Sfixed32
            | Type::Sfixed64
            | Type::Sint32
            | Type::Sint64 => 0.into(),
        }
    }
}

#[cfg(test)]
mod tests;
