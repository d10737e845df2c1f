//! Paths of attributes (RFC 7644 section 3.10): a schema's URN, an attribute, a sub-attribute.

use super::schema::{COMMON, Definition, Extension, ResourceType, named};

/// What a path leads to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The extension it stands in; none for the core schema.
    pub(super) extension: Option<&'static Extension>,
    /// None when the path names a whole extension.
    pub(super) attribute: Option<&'static Definition>,
    pub(super) part: Option<&'static Definition>,
}

impl Place {
    /// The names on the way, in the spelling of the schema.
    pub(super) fn names(&self) -> Vec<String> {
        let extension = self.extension.map(|extension| extension.urn);
        let rest = [self.attribute, self.part].into_iter().flatten().map(|definition| definition.name);
        extension.into_iter().chain(rest).map(str::to_owned).collect()
    }
}

/// Where a path leads in this type of resource; nothing when there is no such attribute.
pub(super) fn resolve(resource: &'static ResourceType, path: &str) -> Option<Place> {
    let whole = |extension| Place { extension: Some(extension), attribute: None, part: None };
    for extension in resource.extensions {
        for urn in extension.urns() {
            match after(path, urn) {
                Some("") => return Some(whole(extension)),
                Some(rest) => return inside(extension.attributes, rest, Some(extension)),
                None => {}
            }
        }
    }
    let path = match after(path, resource.urn).or_else(|| after(path, super::schema::CORE_1)) {
        Some("") => return None,
        Some(rest) => rest,
        None => path,
    };
    let core = || inside(resource.attributes, path, None).or_else(|| inside(&COMMON, path, None));
    // Some IdPs leave the URN of the enterprise extension out.
    let extended = || {
        let mut advertised = resource.extensions.iter().filter(|extension| extension.advertised);
        advertised.find_map(|extension| inside(extension.attributes, path, Some(extension)))
    };
    core().or_else(extended)
}

/// What stands behind a URN and its colon, or its dot, as some connectors write it.
fn after<'a>(path: &'a str, urn: &str) -> Option<&'a str> {
    let (start, rest) = path.split_at_checked(urn.len())?;
    if !start.eq_ignore_ascii_case(urn) {
        return None;
    }
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix([':', '.']) }
}

fn inside(definitions: &'static [Definition], path: &str, extension: Option<&'static Extension>) -> Option<Place> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let attribute = named(definitions, name)?;
    let part = match rest {
        Some(rest) => Some(attribute.part(rest)?),
        None => None,
    };
    Some(Place { extension, attribute: Some(attribute), part })
}
