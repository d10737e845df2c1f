//! The grammar of filters (RFC 7644 section 3.4.2.2), read against the schema.

use chrono::{DateTime, SecondsFormat, Utc};
use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::ComparisonOperator as Operator;
use freehold_proto::directory::v1::attribute_value::Value as Wanted;
use freehold_proto::directory::v1::filter::Term;
use serde_json::Value;

use super::error::ScimError;
use super::path::resolve;
use super::schema::{Definition, Form, ResourceType, named};

/// The longest filter, in bytes.
const FILTER_BYTES_MAX: usize = 8 * 1024;
/// How deep brackets may stand in each other.
const DEPTH_MAX: usize = 12;

/// What the paths of a filter begin at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scope {
    /// A resource of this type.
    Resource(&'static ResourceType),
    /// One value of this attribute.
    Value(&'static Definition),
}

/// Reads a filter.
pub(super) fn parse(scope: Scope, text: &str) -> Result<pb::Filter, ScimError> {
    if text.len() > FILTER_BYTES_MAX {
        return Err(ScimError::filter(format!("a filter has at most {FILTER_BYTES_MAX} bytes")));
    }
    let mut parser = Parser { rest: text, text };
    let filter = parser.any_of(scope, DEPTH_MAX)?;
    parser.skip_spaces();
    if parser.rest.is_empty() { Ok(filter) } else { Err(parser.wrong("nothing more")) }
}

/// Reads `attribute[filter].part`, the path of a patch; answers what stands before, in and behind the brackets.
pub(super) fn split_path(path: &str) -> Option<(&str, Option<&str>, Option<&str>)> {
    let Some((before, rest)) = path.split_once('[') else { return Some((path, None, None)) };
    let mut quoted = false;
    let mut escaped = false;
    let mut depth = 0_usize;
    for (place, sign) in rest.char_indices() {
        match sign {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => depth = depth.saturating_add(1),
            ']' if !quoted && depth > 0 => depth = depth.saturating_sub(1),
            ']' if !quoted => {
                let (filter, behind) = rest.split_at_checked(place)?;
                let behind = behind.strip_prefix(']')?;
                let part = if behind.is_empty() { None } else { Some(behind.strip_prefix('.')?) };
                return Some((before, Some(filter), part));
            }
            _ => {}
        }
    }
    None
}

/// An attribute that a comparison is about.
struct Found {
    names: Vec<String>,
    definition: &'static Definition,
}

struct Parser<'a> {
    rest: &'a str,
    text: &'a str,
}

impl<'a> Parser<'a> {
    fn wrong(&self, wanted: &str) -> ScimError {
        let place = self.text.len().saturating_sub(self.rest.len());
        ScimError::filter(format!("at byte {place} of the filter there must be {wanted}"))
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }

    fn sign(&mut self, sign: char) -> bool {
        self.skip_spaces();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A word of letters, digits and the signs that stand in paths.
    fn peek(&mut self) -> &'a str {
        self.skip_spaces();
        let ends = |sign: char| !(sign.is_ascii_alphanumeric() || matches!(sign, '.' | ':' | '-' | '_' | '$'));
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        self.rest.get(..end).unwrap_or_default()
    }

    fn take(&mut self) -> &'a str {
        let word = self.peek();
        self.rest = self.rest.get(word.len()..).unwrap_or_default();
        word
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = self.peek().eq_ignore_ascii_case(word);
        if found {
            self.take();
        }
        found
    }

    fn any_of(&mut self, scope: Scope, depth: usize) -> Result<pb::Filter, ScimError> {
        let mut filters = vec![self.all_of(scope, depth)?];
        while self.keyword("or") {
            filters.push(self.all_of(scope, depth)?);
        }
        Ok(together(filters, Term::AnyOf))
    }

    fn all_of(&mut self, scope: Scope, depth: usize) -> Result<pb::Filter, ScimError> {
        let mut filters = vec![self.term(scope, depth)?];
        while self.keyword("and") {
            filters.push(self.term(scope, depth)?);
        }
        Ok(together(filters, Term::AllOf))
    }

    fn bracketed(&mut self, scope: Scope, depth: usize, close: char) -> Result<pb::Filter, ScimError> {
        let depth = depth.checked_sub(1).ok_or_else(|| ScimError::filter("the filter is nested too deeply"))?;
        let filter = self.any_of(scope, depth)?;
        if self.sign(close) { Ok(filter) } else { Err(self.wrong(&format!("{close:?}"))) }
    }

    fn term(&mut self, scope: Scope, depth: usize) -> Result<pb::Filter, ScimError> {
        if self.sign('(') {
            return self.bracketed(scope, depth, ')');
        }
        let before = self.rest;
        if self.keyword("not") {
            if self.sign('(') {
                let inner = self.bracketed(scope, depth, ')')?;
                return Ok(term(Term::NoneOf(pb::FilterList { filters: vec![inner] })));
            }
            self.rest = before;
        }
        let path = self.take();
        let found = find(scope, path).ok_or_else(|| ScimError::filter(format!("there is no attribute {path:?}")))?;
        if self.rest.starts_with('[') && self.sign('[') {
            return self.element(found, depth);
        }
        self.comparison(found).map(|comparison| term(Term::Comparison(comparison)))
    }

    /// A filter of single values, with or without a sub-attribute that is compared behind it.
    fn element(&mut self, found: Found, depth: usize) -> Result<pb::Filter, ScimError> {
        let scope = Scope::Value(found.definition);
        let mut inner = self.bracketed(scope, depth, ']')?;
        if let Some(rest) = self.rest.strip_prefix('.') {
            self.rest = rest;
            let part = self.take();
            let part = find(scope, part).ok_or_else(|| ScimError::filter(format!("there is no attribute {part:?}")))?;
            let also = term(Term::Comparison(self.comparison(part)?));
            inner = term(Term::AllOf(pb::FilterList { filters: vec![inner, also] }));
        }
        let element = pb::ElementFilter { path: found.names, filter: Some(Box::new(inner)) };
        Ok(term(Term::Element(Box::new(element))))
    }

    fn comparison(&mut self, mut found: Found) -> Result<pb::Comparison, ScimError> {
        let word = self.take().to_ascii_lowercase();
        let operator = OPERATORS.iter().find(|(known, _)| *known == word).map(|(_, operator)| *operator);
        let operator = operator.ok_or_else(|| self.wrong("an operator: eq ne co sw ew gt ge lt le pr"))?;
        let mut value = None;
        if operator != Operator::Pr {
            if found.definition.form == Form::Complex {
                // Without a sub-attribute it is the value that counts.
                let part = found.definition.part("value");
                let part = part.ok_or_else(|| ScimError::filter("a complex attribute needs a sub-attribute"))?;
                found.names.push(part.name.to_owned());
                found.definition = part;
            }
            value = wanted(found.definition, operator, &self.literal()?)?;
        }
        Ok(pb::Comparison {
            path: found.names,
            operator: operator.into(),
            value: value.map(|value| pb::AttributeValue { value: Some(value) }),
            case_exact: found.definition.case_exact,
        })
    }

    /// A value in JSON.
    fn literal(&mut self) -> Result<Value, ScimError> {
        self.skip_spaces();
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) if !value.is_array() && !value.is_object() => {
                let read = values.byte_offset();
                self.rest = self.rest.get(read..).unwrap_or_default();
                Ok(value)
            }
            // Some IdPs write truths with a capital.
            _ if self.keyword("true") => Ok(Value::Bool(true)),
            _ if self.keyword("false") => Ok(Value::Bool(false)),
            _ => Err(self.wrong("a value such as \"text\", true, null or 5")),
        }
    }
}

const OPERATORS: [(&str, Operator); 10] = [
    ("eq", Operator::Eq),
    ("ne", Operator::Ne),
    ("co", Operator::Co),
    ("sw", Operator::Sw),
    ("ew", Operator::Ew),
    ("gt", Operator::Gt),
    ("ge", Operator::Ge),
    ("lt", Operator::Lt),
    ("le", Operator::Le),
    ("pr", Operator::Pr),
];

fn term(term: Term) -> pb::Filter {
    pb::Filter { term: Some(term) }
}

fn together(mut filters: Vec<pb::Filter>, how: impl FnOnce(pb::FilterList) -> Term) -> pb::Filter {
    match (filters.pop(), filters.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            filters.extend(last);
            term(how(pb::FilterList { filters }))
        }
    }
}

fn find(scope: Scope, path: &str) -> Option<Found> {
    match scope {
        Scope::Resource(resource) => {
            let place = resolve(resource, path)?;
            Some(Found { names: place.names(), definition: place.part.or(place.attribute)? })
        }
        Scope::Value(attribute) => {
            let definition = named(attribute.parts, path)?;
            Some(Found { names: vec![definition.name.to_owned()], definition })
        }
    }
}

/// The value in the type of the attribute; none when it is null.
fn wanted(definition: &Definition, operator: Operator, value: &Value) -> Result<Option<Wanted>, ScimError> {
    let equality = matches!(operator, Operator::Eq | Operator::Ne);
    let wrong = |what: &str| ScimError::filter(format!("{} can be compared with {what} only", definition.name));
    if value.is_null() {
        return if equality { Ok(None) } else { Err(wrong("eq and ne to null")) };
    }
    let wanted = match (definition.form, value) {
        (Form::Truth, _) if !equality => return Err(wrong("eq and ne")),
        (Form::Truth, Value::Bool(truth)) => Wanted::Truth(*truth),
        (Form::Truth, Value::String(text)) if text.eq_ignore_ascii_case("true") => Wanted::Truth(true),
        (Form::Truth, Value::String(text)) if text.eq_ignore_ascii_case("false") => Wanted::Truth(false),
        (Form::Whole, Value::Number(number)) => Wanted::Whole(number.as_i64().ok_or_else(|| wrong("whole numbers"))?),
        (Form::Moment, Value::String(text)) => {
            let at = DateTime::parse_from_rfc3339(text).map_err(|_malformed| wrong("moments"))?;
            Wanted::Text(at.with_timezone(&Utc).to_rfc3339_opts(SecondsFormat::Micros, true))
        }
        (Form::Text | Form::Reference, Value::String(text)) => Wanted::Text(text.clone()),
        (Form::Text, Value::Number(number)) => Wanted::Text(number.to_string()),
        _ => return Err(wrong("values of its type")),
    };
    Ok(Some(wanted))
}

#[cfg(test)]
mod tests;
