//! The content service's tables.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{ColumnDef, Index, IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{big_integer, binary, boolean, pk_uuid, small_integer, timestamp_with_time_zone, uuid};
use sea_orm_migration::sea_orm::{DbErr, DeriveMigrationName};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// The tables this migration creates, for explicit grants.
pub const TABLES: &[&str] =
    &["group_profile", "group_head", "membership", "post", "comment", "reaction", "create_request"];

/// Creates the tables above.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [group_profile(), group_head(), membership(), post(), comment(), reaction(), create_request()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// What a group is. A group that was declared by a manifest keeps its declared name for ever, so that declaring it
/// again finds its posts; it has a rule only while the manifest names it.
fn group_profile() -> TableCreateStatement {
    Table::create()
        .table("group_profile")
        .col(pk_uuid("id"))
        .col(binary("name_sealed"))
        .col(binary("purpose_sealed"))
        .col(small_integer("privacy"))
        .col(ColumnDef::new("declared_name_index").binary())
        .col(ColumnDef::new("rule_sealed").binary())
        .col(timestamp_with_time_zone("created_at"))
        .take()
}

/// What every post and every change of members writes to, apart from the profile: its row lock is the order of the
/// group.
fn group_head() -> TableCreateStatement {
    Table::create()
        .table("group_head")
        .col(ColumnDef::new("group_id").uuid().not_null().primary_key())
        .col(big_integer("last_seq"))
        .col(timestamp_with_time_zone("last_activity_at"))
        .col(big_integer("member_count"))
        .take()
}

/// Who is in which group. By hand and by rule are two facts about one person, so that taking one away leaves the
/// other.
fn membership() -> TableCreateStatement {
    Table::create()
        .table("membership")
        .col(uuid("group_id"))
        .col(uuid("person_id"))
        .col(small_integer("role"))
        .col(boolean("by_hand"))
        .col(boolean("by_rule"))
        .col(timestamp_with_time_zone("joined_at"))
        .primary_key(Index::create().col("group_id").col("person_id"))
        .take()
}

fn post() -> TableCreateStatement {
    Table::create()
        .table("post")
        .col(pk_uuid("id"))
        .col(uuid("group_id"))
        .col(uuid("author_id"))
        .col(big_integer("seq"))
        .col(binary("text_sealed"))
        .col(timestamp_with_time_zone("created_at"))
        .take()
}

fn comment() -> TableCreateStatement {
    Table::create()
        .table("comment")
        .col(pk_uuid("id"))
        .col(uuid("post_id"))
        .col(uuid("group_id"))
        .col(ColumnDef::new("parent_id").uuid())
        .col(uuid("author_id"))
        .col(big_integer("seq"))
        .col(binary("text_sealed"))
        .col(timestamp_with_time_zone("created_at"))
        .take()
}

/// At most one reaction of a person to a post.
fn reaction() -> TableCreateStatement {
    Table::create()
        .table("reaction")
        .col(uuid("post_id"))
        .col(uuid("person_id"))
        .col(small_integer("kind"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("post_id").col("person_id"))
        .take()
}

/// Which request of a person made what, so that a repeated one makes nothing.
fn create_request() -> TableCreateStatement {
    Table::create()
        .table("create_request")
        .col(ColumnDef::new("made_id").uuid().not_null().primary_key())
        .col(uuid("person_id"))
        .col(binary("request_index"))
        .col(binary("body_index"))
        .col(timestamp_with_time_zone("created_at"))
        .take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
        let mut index = Index::create();
        index.name(name).table(table);
        for column in columns {
            index.col(*column);
        }
        index
    };
    vec![
        index("group_profile_declared_name", "group_profile", &["declared_name_index"]).unique().take(),
        index("membership_person", "membership", &["person_id", "group_id"]),
        index("membership_order", "membership", &["group_id", "role", "joined_at", "person_id"]),
        index("post_seq", "post", &["group_id", "seq"]).unique().take(),
        // Both answer the feed without touching a text. PostgreSQL walks all posts from the newest and stops at a page,
        // but goes group by group for somebody in few quiet ones; SQLite goes group by group and stops early in each.
        index("post_feed", "post", &["group_id", "created_at", "id"]),
        index("post_time", "post", &["created_at", "id", "group_id"]),
        index("comment_seq", "comment", &["group_id", "seq"]).unique().take(),
        index("comment_post", "comment", &["post_id", "seq"]),
        index("create_request_id", "create_request", &["person_id", "request_index"]).unique().take(),
    ]
}
