//! Following Active Directory: what changed is asked for with DirSync, which is the truth; a search that is kept open
//! says when to ask. What changed is then read again whole, so that nothing depends on which values a change names.

mod bell;
mod message;
mod watch;

use std::collections::BTreeSet;
use std::time::Duration;

use ldap3::{LdapError, LdapResult, Scope};
use tokio::time::timeout;

use super::super::change::{Change, DirsyncPlace, Following};
use super::super::dn::Dn;
use super::super::error::SourceError;
use super::super::frame::Outcome;
use super::super::{Entry, Listing, guarded};
use super::LdapSource;
use super::bound::{Bound, Query};
use super::entry::{control_value, entry, io_error, outcome, texts};
use message::Round;
use watch::Watch;

pub(super) const DIRSYNC: &str = "1.2.840.113556.1.4.841";

/// Passes everything by: gives a cookie of now without the entries.
const NOTHING: &str = "(!(objectClass=*))";
const ANY: &str = "(objectClass=*)";
/// Asked for besides what is mapped: what tells of names, places and ends.
const ALWAYS: [&str; 7] =
    ["objectGUID", "name", "parentGUID", "isDeleted", "lastKnownParent", "objectClass", "userAccountControl"];
/// Rounds of one question; a round may bring nothing and yet not be the last.
const ROUNDS_MAX: u32 = 100_000;
/// Changes of one batch; above this a whole reading is faster.
pub(super) const CHANGED_ENTRIES_MAX: usize = 10_000;
/// A cookie that the server does not know any more, or never did.
const UNAVAILABLE_CRITICAL_EXTENSION: u32 = 12;

/// How often what is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Changes, when the server does not tell when there are some.
    pub poll: Duration,
    /// Changes, although the server would tell.
    pub idle: Duration,
    /// A server that has no line of changes.
    pub look: Duration,
    /// Whether a connection on which nothing happens is still one. Active Directory hangs up after 900 s.
    pub keep_alive: Duration,
    /// What there is at all, when nothing tells of deletions.
    pub roll: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(2),
            idle: Duration::from_secs(30),
            look: Duration::from_secs(60),
            keep_alive: Duration::from_secs(300),
            roll: Duration::from_secs(600),
        }
    }
}

/// How a round ended.
enum Ended {
    Round(Round),
    Refused(Outcome),
}

impl LdapSource {
    /// Where following would begin now; nothing when the server does not speak DirSync with this account.
    pub(super) async fn dirsync_place(&self, bound: &mut Bound) -> Result<Option<DirsyncPlace>, SourceError> {
        let Some(context) = bound.naming_context().await? else { return Ok(None) };
        let invocation_id = bound.invocation_id().await?;
        let highest_usn = bound.highest_usn().await?;
        let mut cookie = Vec::new();
        for _round in 0..ROUNDS_MAX {
            match bound.round(&context, NOTHING, Vec::new(), &cookie, &mut |_entry| {}).await? {
                Ended::Round(Round { more: false, cookie }) => {
                    return Ok(Some(DirsyncPlace { cookie, invocation_id, highest_usn }));
                }
                Ended::Round(round) => cookie = round.cookie,
                Ended::Refused(outcome) => {
                    tracing::debug!(code = outcome.code, "directory server refuses DirSync");
                    return Ok(None);
                }
            }
        }
        Err(SourceError::TooMany { what: "rounds", limit: u64::from(ROUNDS_MAX) })
    }

    /// Goes on from a place.
    pub(super) async fn follow_dirsync(&self, place: DirsyncPlace) -> Result<Following, SourceError> {
        let mut bound = self.bind().await?;
        let context = bound.naming_context().await?.ok_or(SourceError::CannotFollow)?;
        let sees_deletions = bound.sees_deletions(&context).await?;
        let (sender, mut following) = Following::channel();
        let lost = if bound.invocation_id().await? != place.invocation_id {
            Some("another directory server answers, or its database was restored")
        } else if bound.highest_usn().await? < place.highest_usn {
            Some(watch::WENT_BACK)
        } else {
            None
        };
        if let Some(because) = lost {
            let change = Change::ReadAgain { because: because.to_owned() };
            following.tasks.spawn(async move { drop(sender.send(Ok(change)).await) });
            return Ok(following);
        }
        let bell = self.bind().await?;
        let (people, groups) = (self.watched(Listing::People), self.watched(Listing::Groups));
        let asked = self.asked(&people, &groups);
        let base = Dn::parse(&self.settings.base_dn)
            .map_err(|error| SourceError::Settings(format!("base_dn {:?}: {error}", self.settings.base_dn)))?;
        let pace = self.pace;
        let watch = Watch { bound, context, base, people, groups, asked, place, sees_deletions, pace, sender };
        following.tasks.spawn(watch.run(bell));
        Ok(following)
    }

    fn watched(&self, listing: Listing) -> Query {
        let (filter, mut attributes) = self.settings.search(listing);
        attributes.push("whenChanged".to_owned());
        Query::new(filter, attributes)
    }

    /// Everything whose change may matter: what is read, and what the filters look at.
    fn asked(&self, people: &Query, groups: &Query) -> Vec<String> {
        let mut asked: BTreeSet<String> = ALWAYS.map(str::to_lowercase).into();
        for query in [people, groups] {
            asked.extend(query.wanted.iter().cloned());
            asked.extend(filter_attributes(&query.filter));
        }
        asked.extend(self.settings.watched.iter().map(|name| name.to_lowercase()));
        // Kept by each server for itself, so no change tells of it.
        asked.remove("whenchanged");
        asked.into_iter().collect()
    }
}

/// The attributes a filter looks at. What is no name of one does no harm: the server passes it by.
fn filter_attributes(filter: &str) -> impl Iterator<Item = String> {
    filter.split('(').filter_map(|part| {
        let name = part.split(['=', '~', '<', '>', ':']).next()?;
        let word = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
        word.then(|| name.to_lowercase())
    })
}

impl Bound {
    /// The partition that holds the base.
    pub(super) async fn naming_context(&mut self) -> Result<Option<String>, SourceError> {
        let root = self.read_one("", vec!["namingContexts".to_owned()]).await?.unwrap_or_default();
        let Ok(base) = Dn::parse(&self.base) else { return Ok(None) };
        let holds = |context: &String| Dn::parse(context).is_ok_and(|context| base.within(&context));
        // One partition may stand below another.
        Ok(texts(&root, "namingcontexts").into_iter().filter(holds).max_by_key(String::len))
    }

    /// Names the server's database: another one means that its numbers mean something else.
    pub(super) async fn invocation_id(&mut self) -> Result<Vec<u8>, SourceError> {
        let root = self.read_one("", vec!["dsServiceName".to_owned()]).await?.unwrap_or_default();
        let Some(service) = texts(&root, "dsservicename").pop() else { return Ok(Vec::new()) };
        let found = match self.read_one(&service, vec!["invocationId".to_owned()]).await {
            Err(SourceError::BaseNotFound { .. } | SourceError::SearchRefused { passing: false, .. }) => None,
            other => other?,
        };
        let id = found.and_then(|entry| entry.values("invocationid").first().cloned());
        // An account that may not read it at least tells servers from each other.
        Ok(id.unwrap_or_else(|| service.into_bytes()))
    }

    /// How many changes the server has seen: only grows, unless an older database was put in place.
    pub(super) async fn highest_usn(&mut self) -> Result<u64, SourceError> {
        let root = self.read_one("", vec!["highestCommittedUSN".to_owned()]).await?.unwrap_or_default();
        let number = texts(&root, "highestcommittedusn").pop().and_then(|text| text.parse().ok());
        number.ok_or_else(|| self.connection.link.nonsense(&self.server, "highestCommittedUSN"))
    }

    /// Whether the account may see what was deleted.
    pub(super) async fn sees_deletions(&mut self, context: &str) -> Result<bool, SourceError> {
        let asked = vec!["objectGUID".to_owned()];
        match self.read_base(&deleted_objects(context), ANY, asked, vec![message::show_deleted()]).await {
            Ok(found) => Ok(found.is_some_and(|entry| !entry.values("objectguid").is_empty())),
            Err(
                SourceError::BaseNotFound { .. }
                | SourceError::PagingRefused { .. }
                | SourceError::SearchRefused { passing: false, .. },
            ) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The two commands that let the account see deletions, if it cannot (Microsoft's KB 892806).
    pub(super) async fn deletions_cure(&mut self, account: &str) -> Result<Option<String>, SourceError> {
        let Some(context) = self.naming_context().await? else { return Ok(None) };
        if self.sees_deletions(&context).await? {
            return Ok(None);
        }
        let place = deleted_objects(&context);
        let account = self.principal(account, &context).await?;
        Ok(Some(format!("dsacls \"{place}\" /takeownership && dsacls \"{place}\" /G \"{account}:LCRP\"")))
    }

    /// An account as Windows' own commands want it: a distinguished name is none for them.
    async fn principal(&mut self, account: &str, context: &str) -> Result<String, SourceError> {
        if Dn::parse(account).is_err() {
            return Ok(account.to_owned());
        }
        let own = self.read_one(account, vec!["sAMAccountName".to_owned()]).await?.unwrap_or_default();
        let name = texts(&own, "samaccountname").pop();
        let domain: Vec<&str> = context.split(',').filter_map(|part| part.trim().get(3..)).collect();
        Ok(name.map_or_else(|| account.to_owned(), |name| format!("{name}@{}", domain.join("."))))
    }

    /// One question for changes, answered in part or in full.
    async fn round(
        &mut self,
        context: &str,
        filter: &str,
        asked: Vec<String>,
        cookie: &[u8],
        take: &mut (dyn FnMut(Entry) + Send),
    ) -> Result<Ended, SourceError> {
        let wanted: BTreeSet<String> = asked.iter().map(|name| name.to_lowercase()).collect();
        let controls = vec![message::changes_since(cookie)];
        let mut stream = self.search(context, Scope::Subtree, filter, asked, controls, 0).await?;
        let until_end = async {
            while let Some(item) = stream.next().await? {
                self.connection.link.taken();
                if !item.is_ref() {
                    take(entry(item.0, &wanted));
                }
            }
            self.connection.link.taken();
            Ok::<LdapResult, LdapError>(stream.finish().await)
        };
        let result = timeout(self.page_wait, until_end)
            .await
            .map_err(|_elapsed| guarded::silent(&self.server, "telling what changed", self.page_wait))?
            .map_err(|error| self.connection.link.explain(&self.server, 0, io_error(error)))?;
        if result.rc != 0 {
            return Ok(Ended::Refused(outcome(&result)));
        }
        let round = control_value(&result.ctrls, DIRSYNC).and_then(message::round);
        round.map(Ended::Round).ok_or_else(|| self.connection.link.nonsense(&self.server, "end of a DirSync answer"))
    }
}

fn deleted_objects(context: &str) -> String {
    format!("CN=Deleted Objects,{context}")
}

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
