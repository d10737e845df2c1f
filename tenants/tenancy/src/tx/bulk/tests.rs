use chrono::{DateTime, Utc};
use freehold_types::{Kind, TenantId};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryOrder};
use uuid::Uuid;

use crate::testing::{Place, active, on_both, service};
use crate::{BlindIndex, Sealed, Tenancy, TenantTx};

/// A table with every type of column that tables of ours have.
mod sample {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DateTimeUtc, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait, Uuid,
    };

    use crate::{BlindIndex, Sealed};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sample")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub flag: bool,
        pub small: i16,
        pub number: i32,
        pub large: i64,
        pub words: String,
        pub bytes: Vec<u8>,
        pub sealed: Sealed,
        pub moment: DateTimeUtc,
        pub other_id: Option<Uuid>,
        pub maybe_flag: Option<bool>,
        pub maybe_small: Option<i16>,
        pub maybe_large: Option<i64>,
        pub maybe_words: Option<String>,
        pub maybe_index: Option<BlindIndex>,
        pub maybe_moment: Option<DateTimeUtc>,
        pub by_default: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

on_both!(
    rows_of_every_type_come_back_as_they_were,
    nulls_stay_nulls,
    columns_of_nothing_but_nulls,
    a_column_that_no_row_sets_has_its_default,
    a_conflict_keeps_or_replaces,
    a_conflict_without_an_answer_already_exists,
    nothing_is_nothing,
    ten_thousand_rows,
);

const TABLE: &str = "(id UUID_TYPE PRIMARY KEY, flag boolean NOT NULL, small smallint NOT NULL, number integer NOT NULL, \
     large bigint NOT NULL, words text NOT NULL, bytes BYTES_TYPE NOT NULL, sealed BYTES_TYPE NOT NULL, \
     moment TIME_TYPE NOT NULL, other_id UUID_TYPE, maybe_flag boolean, maybe_small smallint, maybe_large bigint, \
     maybe_words text, maybe_index BYTES_TYPE, maybe_moment TIME_TYPE, by_default integer NOT NULL DEFAULT 7)";

/// A tenant with the table.
async fn tenant(place: &Place) -> (Tenancy, TenantId) {
    let tenancy = place.open().await;
    let tenant = active(&tenancy, "meadow").await;
    if place.folder.is_some() {
        let types = [("UUID_TYPE", "uuid_text"), ("BYTES_TYPE", "blob"), ("TIME_TYPE", "timestamp_with_timezone_text")];
        let table = types.iter().fold(TABLE.to_owned(), |table, (word, kind)| table.replace(word, kind));
        let tx = tenancy.begin(&service(tenant)).await.unwrap();
        tx.raw(&format!("CREATE TABLE sample {table}")).await.unwrap();
        tx.commit().await.unwrap();
    } else {
        let types = [("UUID_TYPE", "uuid"), ("BYTES_TYPE", "bytea"), ("TIME_TYPE", "timestamptz")];
        let table = types.iter().fold(TABLE.to_owned(), |table, (word, kind)| table.replace(word, kind));
        let room = tenancy.entry(tenant).await.unwrap().room;
        let (schema, role) = (&room.schema, &room.role);
        let database = place.storage.url.expose().rsplit('/').next().unwrap().to_owned();
        crate::testing::postgres::run(&database, &format!("CREATE TABLE {schema}.sample {table}")).await;
        crate::testing::postgres::run(&database, &format!("GRANT ALL ON {schema}.sample TO {role}")).await;
    }
    (tenancy, tenant)
}

/// To the microsecond, as PostgreSQL keeps it.
fn moment(number: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_700_000_000_000_000 + number).unwrap()
}

fn full(number: i64) -> sample::Model {
    let text = format!("row {number}: \"quotes\", {{braces}}, commas, NULL, \\ and ß");
    sample::Model {
        id: Uuid::from_u128(u128::try_from(number).unwrap()),
        flag: number % 2 == 0,
        small: i16::try_from(number % 30_000).unwrap(),
        number: -i32::try_from(number).unwrap(),
        large: i64::MAX - number,
        words: text.clone(),
        bytes: vec![0, 255, u8::try_from(number % 256).unwrap()],
        sealed: Sealed::new(text.clone().into_bytes()),
        moment: moment(number),
        other_id: Some(Uuid::from_u128(u128::MAX)),
        maybe_flag: Some(number % 3 == 0),
        maybe_small: Some(-1),
        maybe_large: Some(number),
        maybe_words: Some(text),
        maybe_index: Some(BlindIndex::new(vec![1, 2, 3])),
        maybe_moment: Some(moment(-number)),
        by_default: 1,
    }
}

fn bare(number: i64) -> sample::Model {
    sample::Model {
        other_id: None,
        maybe_flag: None,
        maybe_small: None,
        maybe_large: None,
        maybe_words: None,
        maybe_index: None,
        maybe_moment: None,
        words: String::new(),
        bytes: Vec::new(),
        ..full(number)
    }
}

fn rows(models: &[sample::Model]) -> Vec<sample::ActiveModel> {
    models.iter().map(|model| model.clone().into_active_model().reset_all()).collect()
}

async fn stored(tx: &TenantTx) -> Vec<sample::Model> {
    tx.all(sample::Entity::find().order_by_asc(sample::Column::Id)).await.unwrap()
}

async fn come_back(place: &Place, models: &[sample::Model]) {
    let (tenancy, tenant) = tenant(place).await;
    let tx = tenancy.begin(&service(tenant)).await.unwrap();
    tx.insert_all(rows(models)).await.unwrap();
    assert_eq!(stored(&tx).await, models);
}

async fn rows_of_every_type_come_back_as_they_were(place: Place) {
    come_back(&place, &[full(1), full(2), full(3)]).await;
}

async fn nulls_stay_nulls(place: Place) {
    come_back(&place, &[full(1), bare(2), full(3), bare(4)]).await;
}

async fn columns_of_nothing_but_nulls(place: Place) {
    come_back(&place, &[bare(5), bare(6)]).await;
}

async fn a_column_that_no_row_sets_has_its_default(place: Place) {
    let (tenancy, tenant) = tenant(&place).await;
    let tx = tenancy.begin(&service(tenant)).await.unwrap();
    let unset = rows(&[full(1), full(2)]).into_iter().map(|row| sample::ActiveModel { by_default: NotSet, ..row });
    tx.insert_all(unset.collect()).await.unwrap();
    assert!(stored(&tx).await.iter().all(|row| row.by_default == 7));
    let some_unset = rows(&[full(3), bare(4)]).into_iter().enumerate().map(|(place, row)| {
        let maybe_words = if place == 0 { Set(Some("here".to_owned())) } else { NotSet };
        sample::ActiveModel { maybe_words, ..row }
    });
    tx.insert_all(some_unset.collect()).await.unwrap();
    let words: Vec<_> = stored(&tx).await.into_iter().skip(2).map(|row| row.maybe_words).collect();
    assert_eq!(words, [Some("here".to_owned()), None]);
}

async fn a_conflict_keeps_or_replaces(place: Place) {
    let (tenancy, tenant) = tenant(&place).await;
    let tx = tenancy.begin(&service(tenant)).await.unwrap();
    tx.insert_all(rows(&[full(1), bare(2)])).await.unwrap();
    let other = |number| sample::Model { words: "other".to_owned(), maybe_large: None, ..full(number) };
    let keep = OnConflict::column(sample::Column::Id).do_nothing().to_owned();
    assert_eq!(tx.insert_or(rows(&[other(1), other(2), other(3)]), keep).await.unwrap(), 1);
    assert_eq!(stored(&tx).await, [full(1), bare(2), other(3)]);
    let replace = OnConflict::column(sample::Column::Id)
        .update_columns([sample::Column::Words, sample::Column::MaybeLarge])
        .to_owned();
    assert_eq!(tx.insert_or(rows(&[other(1), full(4)]), replace).await.unwrap(), 2);
    assert_eq!(stored(&tx).await, [other(1), bare(2), other(3), full(4)]);
}

async fn a_conflict_without_an_answer_already_exists(place: Place) {
    let (tenancy, tenant) = tenant(&place).await;
    let tx = tenancy.begin(&service(tenant)).await.unwrap();
    let twice = tx.insert_all(rows(&[full(1), full(2), full(1)])).await;
    assert_eq!(twice.unwrap_err().kind(), Kind::AlreadyExists);
}

async fn nothing_is_nothing(place: Place) {
    let (tenancy, tenant) = tenant(&place).await;
    let tx = tenancy.begin(&service(tenant)).await.unwrap();
    tx.insert_all(rows(&[])).await.unwrap();
    let keep = OnConflict::column(sample::Column::Id).do_nothing().to_owned();
    assert_eq!(tx.insert_or(rows(&[]), keep).await.unwrap(), 0);
    assert!(stored(&tx).await.is_empty());
}

async fn ten_thousand_rows(place: Place) {
    let models: Vec<_> = (0..10_001).map(|number| if number % 7 == 0 { bare(number) } else { full(number) }).collect();
    come_back(&place, &models).await;
}
