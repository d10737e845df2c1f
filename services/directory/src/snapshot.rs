//! A tenant's people and directory groups in memory, for lists, search, rules and nesting.
//!
//! Sealed columns cannot be sorted or searched by the database, so one copy per tenant is opened and kept until the
//! people change. It never outlives the process and is dropped for tenants that were not asked for lately.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use freehold_tenancy::Tenancy;
use freehold_types::{Caller, DirectoryGroupId, DirectoryId, Fault, PersonId, TenantId};

use crate::graph::closure;
use crate::known::{Edge, Member};
use crate::person::{Person, fold};
use crate::reading::normalise;
use crate::record::GroupRecord;
use crate::store;

/// How many tenants' copies are kept.
const TENANTS_MAX: usize = 32;

/// Everything of one tenant at one version.
pub(crate) struct Snapshot {
    version: i64,
    /// By name, then id.
    pub people: Vec<Person>,
    pub directory_names: BTreeMap<DirectoryId, String>,
    groups: BTreeMap<DirectoryGroupId, GroupRecord>,
    /// Direct members of each group.
    members: BTreeMap<DirectoryGroupId, Vec<Member>>,
    /// Groups that list a member directly.
    listed_in: BTreeMap<Member, Vec<Member>>,
    by_dn: BTreeMap<String, DirectoryGroupId>,
    reports: BTreeMap<PersonId, Vec<usize>>,
}

/// A directory group somebody is in.
pub(crate) struct GroupSeat<'a> {
    pub id: DirectoryGroupId,
    pub record: &'a GroupRecord,
    pub direct: bool,
}

impl Snapshot {
    fn new(
        version: i64,
        mut people: Vec<Person>,
        directory_names: BTreeMap<DirectoryId, String>,
        groups: Vec<(DirectoryGroupId, GroupRecord)>,
        edges: BTreeSet<Edge>,
    ) -> Self {
        people.sort_by_cached_key(|person| (fold(&person.record.display_name), person.id));
        let mut members = BTreeMap::<_, Vec<_>>::new();
        let mut listed_in = BTreeMap::<_, Vec<_>>::new();
        for (group, member) in edges {
            members.entry(group).or_default().push(member);
            listed_in.entry(member).or_default().push(Member::Group(group));
        }
        let mut reports = BTreeMap::<_, Vec<_>>::new();
        for (place, person) in people.iter().enumerate().filter(|(_, person)| person.active) {
            if let Some(manager) = person.manager {
                reports.entry(manager).or_default().push(place);
            }
        }
        let by_dn =
            groups.iter().filter_map(|(id, record)| Some((normalise(&record.distinguished_name)?, *id))).collect();
        Self {
            version,
            people,
            directory_names,
            groups: groups.into_iter().collect(),
            members,
            listed_in,
            by_dn,
            reports,
        }
    }

    /// Whether there is a group of this distinguished name.
    pub(crate) fn knows(&self, group_dn: &str) -> bool {
        normalise(group_dn).is_some_and(|dn| self.by_dn.contains_key(&dn))
    }

    /// People in the group of this distinguished name, nested groups included.
    pub(crate) fn members_of(&self, group_dn: &str) -> BTreeSet<PersonId> {
        let Some(group) = normalise(group_dn).and_then(|dn| self.by_dn.get(&dn)) else { return BTreeSet::new() };
        let next = |member| match member {
            Member::Group(group) => self.members.get(&group).map_or(&[][..], Vec::as_slice),
            Member::Person(_) => &[],
        };
        let person = |member| match member {
            Member::Person(id) => Some(id),
            Member::Group(_) => None,
        };
        closure(Member::Group(*group), next).into_iter().filter_map(person).collect()
    }

    /// Directory groups the person is in, by name.
    pub(crate) fn groups_of(&self, person: PersonId) -> Vec<GroupSeat<'_>> {
        let listed = |member: Member| self.listed_in.get(&member).map_or(&[][..], Vec::as_slice);
        let direct: BTreeSet<_> = listed(Member::Person(person)).iter().copied().collect();
        let seat = |member: Member| match member {
            Member::Group(id) => {
                self.groups.get(&id).map(|record| GroupSeat { id, record, direct: direct.contains(&member) })
            }
            Member::Person(_) => None,
        };
        let mut seats: Vec<_> = closure(Member::Person(person), listed).into_iter().filter_map(seat).collect();
        seats.sort_by(|one, other| (&one.record.name, one.id).cmp(&(&other.record.name, other.id)));
        seats
    }

    /// Active people who have this person as manager, by name.
    pub(crate) fn reports_of(&self, manager: PersonId) -> impl Iterator<Item = &Person> {
        self.reports.get(&manager).into_iter().flatten().filter_map(|place| self.people.get(*place))
    }

    /// Name of the directory a person comes from.
    pub(crate) fn directory_name(&self, id: DirectoryId) -> &str {
        self.directory_names.get(&id).map_or("", String::as_str)
    }
}

/// The copies of this process.
#[derive(Clone, Default)]
pub(crate) struct Snapshots(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    /// Grows with every use, to find the copy that was not used for longest.
    uses: u64,
    copies: BTreeMap<TenantId, (u64, Arc<Snapshot>)>,
}

impl Snapshots {
    /// The tenant's people as they are now.
    pub(crate) async fn get(&self, tenancy: &Tenancy, caller: &Caller) -> Result<Arc<Snapshot>, Fault> {
        let tx = tenancy.begin(caller).await?;
        let version = store::people_version::get(&tx).await?;
        if let Some(copy) = self.find(tx.tenant(), version) {
            drop(tx);
            return Ok(copy);
        }
        let people = store::person::all(&tx).await?;
        let directories = store::directory::all(&tx).await?;
        let groups = store::directory_group::all(&tx).await?;
        let edges = store::directory_group::all_members(&tx).await?;
        let tenant = tx.tenant();
        drop(tx);
        let names = directories.into_iter().map(|directory| (directory.id, directory.settings.name)).collect();
        let copy = Arc::new(Snapshot::new(version, people, names, groups, edges));
        self.keep(tenant, Arc::clone(&copy));
        Ok(copy)
    }

    fn find(&self, tenant: TenantId, version: i64) -> Option<Arc<Snapshot>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.uses = kept.uses.saturating_add(1);
        let now = kept.uses;
        let (used, copy) = kept.copies.get_mut(&tenant)?;
        *used = now;
        (copy.version == version).then(|| Arc::clone(copy))
    }

    fn keep(&self, tenant: TenantId, copy: Arc<Snapshot>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = kept.uses;
        kept.copies.insert(tenant, (now, copy));
        while kept.copies.len() > TENANTS_MAX {
            let oldest = kept.copies.iter().min_by_key(|(_, (used, _))| *used).map(|(tenant, _)| *tenant);
            let Some(oldest) = oldest else { break };
            kept.copies.remove(&oldest);
        }
    }
}
