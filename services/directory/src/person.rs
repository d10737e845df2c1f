//! People: one by one from the store, and how lists compare them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use freehold_types::{Caller, DirectoryId, Fault, PersonId};

use crate::reading::Key;
use crate::record::Record;
use crate::{Deps, fault, store};

/// A human known to a tenant.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub id: PersonId,
    pub directory: DirectoryId,
    pub record: Record,
    pub active: bool,
    pub manager: Option<PersonId>,
    pub administrator: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub deactivated_at: Option<DateTime<Utc>>,
    /// Blind index of the distinguished name; none when the directory does not list the person any more.
    pub dn: Option<Key>,
    /// The same of a manager that was not found.
    pub missing_manager: Option<Key>,
    /// Digest of the photo that the directory has.
    pub photo: Option<Key>,
}

/// Which people a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StateFilter {
    Any,
    Active,
    Deactivated,
}

/// The attribute by which a sign-in meets its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkAttribute {
    DirectoryId,
    EmployeeNumber,
}

/// Those of the given people that exist, in the order asked.
pub(crate) async fn batch_get(deps: &Deps, caller: &Caller, ids: &[PersonId]) -> Result<Vec<Person>, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let found = store::person::list(&tx, ids).await?;
    drop(tx);
    let mut by_id: BTreeMap<_, _> = found.into_iter().map(|person| (person.id, person)).collect();
    Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
}

/// The one active person with that value; more than one is nobody.
pub(crate) async fn find(deps: &Deps, caller: &Caller, attribute: LinkAttribute, value: &str) -> Result<Person, Fault> {
    let tx = deps.tenancy.begin(caller).await?;
    let found = match attribute {
        LinkAttribute::DirectoryId => {
            let canonical =
                uuid::Uuid::try_parse(value.trim()).map_or_else(|_other| value.to_owned(), |id| id.to_string());
            store::person::with_entry_id(&tx, &canonical).await?
        }
        LinkAttribute::EmployeeNumber => store::person::with_employee_number(&tx, value).await?,
    };
    drop(tx);
    match <[Person; 1]>::try_from(found) {
        Ok([person]) => Ok(person),
        Err(_none_or_several) => Err(fault::person_not_found("with that attribute")),
    }
}

/// Text as it is compared: without case, without accents on Latin letters.
pub(crate) fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(without_accent).collect()
}

/// The letters of French and its neighbours; other scripts have no accents to drop.
fn without_accent(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' | 'ı' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}

/// Whether every word of the query stands somewhere in what people know of each other.
pub(crate) fn matches(person: &Person, words: &[String]) -> bool {
    let record = &person.record;
    let known = [
        &record.display_name,
        &record.title,
        &record.department,
        &record.site,
        &record.user_name,
        &record.email,
        &record.employee_number,
    ];
    words.iter().all(|word| known.iter().any(|text| fold(text).contains(word)))
}
