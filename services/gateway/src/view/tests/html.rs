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

const VOID: [&str; 5] = ["br", "input", "link", "meta", "path"];
const EMPTY_IN_SVG: [&str; 3] = ["circle", "rect", "path"];

/// All start tags; panics when tags are not closed in the order they were opened.
pub(crate) fn tags(page: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = page.strip_prefix("<!DOCTYPE html>").expect("a page begins with its doctype");
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let end = rest.find('>').expect("a tag ends");
        let (inside, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "closed in order");
            continue;
        }
        let tag = read(inside);
        if tag.name == "style" {
            rest = &rest[rest.find("</style>").expect("styles end")..];
        }
        if !VOID.contains(&tag.name.as_str()) && !EMPTY_IN_SVG.contains(&tag.name.as_str()) {
            open.push(tag.name.clone());
        }
        found.push(tag);
    }
    assert!(open.is_empty(), "{open:?} stay open");
    found
}

fn read(inside: &str) -> Tag {
    let mut rest = inside.trim_end_matches('/');
    let name_end = rest.find(' ').unwrap_or(rest.len());
    let name = rest[..name_end].to_owned();
    rest = rest[name_end..].trim_start();
    let mut attributes = Vec::new();
    while !rest.is_empty() {
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let attribute = rest[..end].to_owned();
        rest = &rest[end..];
        let mut value = "";
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let end = quoted.find('"').expect("a value ends");
            value = &quoted[..end];
            rest = &quoted[end + 1..];
        }
        attributes.push((attribute, value.to_owned()));
        rest = rest.trim_start();
    }
    Tag { name, attributes }
}
