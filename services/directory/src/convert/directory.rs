//! Directories and what a check of one saw.

use freehold_proto::directory::v1 as pb;
use freehold_wire::time::to_proto;

use super::{count, render_run};
use crate::check::{Check, Finding, Sample};
use crate::directory::{Directory, Wish};
use crate::follow::{Seen, Status};
use crate::settings::Settings;

pub(crate) fn parse_wish(request: pb::ApplyDirectoriesRequest) -> Wish {
    let settings = request.directories.into_iter().map(parse_settings);
    let directories = settings.zip(0..).map(|(settings, place)| Settings { place, ..settings }).collect();
    Wish { directories, administrators_group: request.administrators_group }
}

pub(crate) fn parse_settings(settings: pb::DirectorySettings) -> Settings {
    let kind_number = kind_number(settings.kind());
    Settings {
        name: settings.name,
        kind_number,
        connector: settings.connector,
        urls: settings.urls,
        start_tls: settings.start_tls,
        ca_pem: settings.ca_pem,
        bind_dn: settings.bind_dn,
        bind_password: settings.bind_password,
        base_dn: settings.base_dn,
        people_filter: settings.people_filter,
        group_filter: settings.group_filter,
        max_deactivations: settings.max_deactivations,
        attributes: settings.attributes.into_iter().collect(),
        follow: settings.follow,
        photos: settings.photos,
        same_person: settings.same_person,
        primary_groups: settings.primary_groups,
        encoding: settings.encoding,
        place: 0,
    }
}

/// The number of a kind in stored settings.
pub(crate) const fn kind_number(kind: pb::DirectoryKind) -> i32 {
    match kind {
        pb::DirectoryKind::Unspecified => 0,
        pb::DirectoryKind::ActiveDirectory => 1,
        pb::DirectoryKind::Openldap => 2,
        pb::DirectoryKind::Ldap => 3,
        pb::DirectoryKind::Ldif => 4,
        pb::DirectoryKind::Csv => 5,
        pb::DirectoryKind::Xlsx => 6,
        pb::DirectoryKind::Scim => 7,
    }
}

/// Without the bind password: it goes in and never comes out.
pub(crate) fn render_directory(directory: Directory, status: Status) -> pb::Directory {
    let kind = match directory.settings.kind_number {
        1 => pb::DirectoryKind::ActiveDirectory,
        2 => pb::DirectoryKind::Openldap,
        3 => pb::DirectoryKind::Ldap,
        4 => pb::DirectoryKind::Ldif,
        5 => pb::DirectoryKind::Csv,
        6 => pb::DirectoryKind::Xlsx,
        7 => pb::DirectoryKind::Scim,
        _ => pb::DirectoryKind::Unspecified,
    };
    let settings = pb::DirectorySettings {
        name: directory.settings.name,
        kind: kind.into(),
        urls: directory.settings.urls,
        start_tls: directory.settings.start_tls,
        ca_pem: directory.settings.ca_pem,
        bind_dn: directory.settings.bind_dn,
        bind_password: String::new(),
        base_dn: directory.settings.base_dn,
        people_filter: directory.settings.people_filter,
        group_filter: directory.settings.group_filter,
        max_deactivations: directory.settings.max_deactivations,
        attributes: directory.settings.attributes.into_iter().collect(),
        follow: directory.settings.follow,
        photos: directory.settings.photos,
        same_person: directory.settings.same_person,
        primary_groups: directory.settings.primary_groups,
        encoding: directory.settings.encoding,
        connector: directory.settings.connector,
    };
    pb::Directory { id: directory.id.to_string(), settings: Some(settings), status: Some(render_status(status)) }
}

pub(crate) fn render_seen(seen: Seen) -> pb::FollowDirectoryResponse {
    use pb::follow_directory_response::Event;
    let event = match seen {
        Seen::Status(status) => Event::Status(render_status(status)),
        Seen::Run(run, name) => Event::Run(render_run(*run, name)),
    };
    pb::FollowDirectoryResponse { event: Some(event) }
}

fn render_status(status: Status) -> pb::DirectoryStatus {
    pb::DirectoryStatus {
        in_step_at: status.in_step_at.map(to_proto),
        stale_at: status.failing_since.map(to_proto),
        error: status.trouble.error,
        cure: status.trouble.cure,
        retry_at: status.retry_at.map(to_proto),
        held_run_id: status.held_run.map(|id| id.to_string()).unwrap_or_default(),
        followed: status.followed,
    }
}

pub(crate) fn render_check(check: Check) -> pb::CheckDirectoryResponse {
    let sample = |sample: Sample| pb::EntrySample {
        distinguished_name: sample.distinguished_name,
        fields: sample.fields.into_iter().collect(),
        skipped_because: sample.skipped_because,
        notes: sample.notes,
    };
    pb::CheckDirectoryResponse {
        name: check.directory,
        server: check.server,
        sampled_count: count(check.samples.len()),
        samples: check.samples.into_iter().map(sample).collect(),
        unseen_attributes: check.unseen,
        encryption: check.encryption,
        photos: check.photos,
        findings: check
            .findings
            .into_iter()
            .map(|Finding { because, cure }| pb::CheckFinding { because, cure })
            .collect(),
    }
}
