//! Which column of a table tells what of a person. The headings are those of Workplace's template and export; a
//! manifest may name others.

use std::collections::{BTreeMap, BTreeSet};

/// What a column can tell, and the headings it is known by, folded; the first that a row fills wins.
const HEADINGS: [(&str, &[&str]); 14] = [
    ("entry_id", &["employeeid"]),
    ("display_name", &["fullname", "displayname", "name"]),
    ("given_name", &["firstname", "givenname"]),
    ("family_name", &["lastname", "familyname"]),
    ("user_name", &["username"]),
    ("email", &["email", "emailaddress", "workemail"]),
    ("employee_number", &["employeeid", "employeenumber"]),
    ("title", &["jobtitle", "title"]),
    ("department", &["department"]),
    ("site", &["location", "site"]),
    ("phone", &["phonenumber", "workphone", "mobilephone", "phone"]),
    ("manager", &["manageremployeeid", "manageremail", "manager"]),
    ("groups", &["groups"]),
    ("status", &["accountstatus", "status"]),
];

/// What a manifest can name a column for besides the fields of a person.
pub(crate) const EXTRA_FIELDS: [&str; 3] = ["entry_id", "groups", "status"];

/// The columns of one file: which of them tell what.
#[derive(Debug)]
pub(super) struct Columns {
    /// As written, trimmed.
    headings: Vec<String>,
    places: BTreeMap<&'static str, Vec<usize>>,
}

impl Columns {
    /// Reads the heading row.
    ///
    /// # Errors
    /// The number of the column, counted from 0, and what is wrong there.
    pub(super) fn read(cells: &[String], named: &BTreeMap<String, String>) -> Result<Self, (usize, String)> {
        let headings: Vec<String> = cells.iter().map(|cell| cell.trim().to_owned()).collect();
        let folded: Vec<String> = headings.iter().map(|heading| fold(heading)).collect();
        let mut places = BTreeMap::<_, Vec<_>>::new();
        let mut used = BTreeSet::new();
        for (field, known) in HEADINGS {
            let own = named.get(field).map(|heading| fold(heading));
            let wanted: Vec<&str> = own.as_deref().map_or_else(|| known.to_vec(), |own| vec![own]);
            for wanted in wanted {
                let mut found =
                    folded.iter().enumerate().filter(|(_, heading)| *heading == wanted).map(|(place, _)| place);
                let Some(place) = found.next() else { continue };
                if let Some(again) = found.next() {
                    let heading = headings.get(again).map_or("", String::as_str);
                    return Err((
                        again,
                        format!("a second column {heading:?}; nobody could tell which of them counts"),
                    ));
                }
                used.insert(place);
                places.entry(field).or_default().push(place);
            }
            if let (Some(own), None) = (named.get(field), places.get(field)) {
                return Err((0, format!("there is no column {own:?}, which the manifest names for {field}")));
            }
        }
        let columns = Self { headings, places };
        if columns.places("entry_id").is_empty() {
            let advice = "there is no column \"Employee ID\", which tells who is who when names and e-mail addresses \
                          change; name the column that never changes with entry_id = \"...\" in [directory.attributes]";
            return Err((0, advice.to_owned()));
        }
        Ok(columns)
    }

    /// How many columns there are.
    pub(super) fn count(&self) -> usize {
        self.headings.len()
    }

    /// The heading of a column.
    pub(super) fn heading(&self, place: usize) -> &str {
        self.headings.get(place).map_or("", String::as_str)
    }

    /// The columns that tell this, in order of preference.
    pub(super) fn places(&self, field: &str) -> &[usize] {
        self.places.get(field).map_or(&[], Vec::as_slice)
    }

    /// The first of the columns for this that is filled in a row, with its place.
    pub(super) fn filled<'a>(&self, cells: &'a [String], field: &str) -> Option<(usize, &'a str)> {
        self.places(field).iter().find_map(|place| {
            let text = cells.get(*place)?.trim();
            (!text.is_empty()).then_some((*place, text))
        })
    }

    /// The fields of a person that some column tells.
    pub(super) fn person_fields(&self) -> impl Iterator<Item = &'static str> {
        self.places.keys().copied().filter(|field| !matches!(*field, "entry_id" | "groups" | "status" | "manager"))
    }
}

/// A heading as it is compared: without case, and without blanks and marks between its letters.
fn fold(heading: &str) -> String {
    heading.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a person is active by the word in the status column; nothing when the word is not known.
pub(super) fn active(word: &str) -> Option<bool> {
    match fold(word).as_str() {
        "active" | "activated" | "enabled" | "claimed" | "unclaimed" | "invited" | "uninvited" | "notinvited"
        | "pending" | "actif" | "activé" | "activée" => Some(true),
        "deactivated" | "inactive" | "disabled" | "suspended" | "terminated" | "left" | "inactif" | "désactivé"
        | "désactivée" => Some(false),
        _ => None,
    }
}
