//! Enough of a reader of HTML to hold our own pages to their rules.

/// One start tag.
#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Tag {
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// Elements of HTML without an end tag. Those of drawings have one, or end with a slash: without, a reader takes all that
/// follows for their content.
const VOID: [&str; 4] = ["br", "input", "link", "meta"];

/// All start tags; panics when tags are not closed in the order they were opened.
pub(crate) fn tags(page: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = page.strip_prefix("<!DOCTYPE html>").expect("a page begins with its doctype");
    while let Some((_, tail)) = rest.split_once('<') {
        let (inside, after) = tail.split_once('>').expect("a tag ends");
        rest = after;
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "closed in order");
            continue;
        }
        let tag = read(inside);
        if tag.name == "style" {
            rest = after.split_once("</style>").expect("styles end").1;
        } else if !VOID.contains(&tag.name.as_str()) && !inside.ends_with('/') {
            open.push(tag.name.clone());
        }
        found.push(tag);
    }
    assert!(open.is_empty(), "{open:?} stay open");
    found
}

fn read(inside: &str) -> Tag {
    let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start().trim_end_matches('/');
        if rest.is_empty() {
            return Tag { name: name.trim_end_matches('/').to_owned(), attributes };
        }
        let (attribute, tail) = rest.split_at(rest.find([' ', '=']).unwrap_or(rest.len()));
        let (value, after) = match tail.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').expect("a value ends"),
            None => ("", tail),
        };
        attributes.push((attribute.to_owned(), value.to_owned()));
        rest = after;
    }
}
