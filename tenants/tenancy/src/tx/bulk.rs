//! Many rows in one statement, with one array per column instead of one bind parameter per value: for PostgreSQL the
//! same text whatever the number of rows, so it is parsed and planned once per connection.
//!
//! ```sql
//! INSERT INTO t (a, b)
//! SELECT a, CASE WHEN "b is there" THEN b END FROM (SELECT unnest($1) AS a, unnest($2) AS b, unnest($3) AS "b is there") AS given
//! ```

use sea_orm::ActiveModelTrait;
use sea_orm::sea_query::{
    Alias, ArrayType, CaseStatement, Expr, Func, InsertStatement, IntoIden as _, Query, SelectStatement, Value,
};
use sea_orm::{ActiveValue, ColumnTrait, DbErr, EntityName as _, EntityTrait, IdenStatic as _, Iterable};

/// The statement that writes these rows.
pub(super) fn insert<A: ActiveModelTrait>(mut rows: Vec<A>) -> Result<InsertStatement, DbErr> {
    let mut given = Query::select();
    let mut select = Query::select();
    let mut columns = Vec::new();
    for column in <A::Entity as EntityTrait>::Column::iter() {
        let values: Vec<Option<Value>> = rows.iter_mut().map(|row| value(row.take(column))).collect();
        // A column that no row sets is left to the database.
        let Some(typical) = values.iter().flatten().next() else { continue };
        if matches!(typical, Value::Array(..)) {
            // No such column is possible: SQLite has no arrays.
            return Err(DbErr::Type(format!("column {} is an array itself", column.as_str())));
        }
        let written = write(&mut given, column.as_str(), typical.clone(), values);
        select.expr(column.save_as(written));
        columns.push(column);
    }
    select.from_subquery(given, "given");
    let mut insert = Query::insert();
    insert.into_table(A::Entity::default().table_ref()).columns(columns);
    insert.select_from(select).map_err(|err| DbErr::Type(err.to_string()))?;
    Ok(insert)
}

/// Puts a column's values into the select list of the arrays; gives the expression that has them one by one.
///
/// The driver has no arrays with nulls in them, so those have a second array that says which are there.
fn write(given: &mut SelectStatement, name: &str, typical: Value, values: Vec<Option<Value>>) -> Expr {
    let there: Vec<bool> = values.iter().map(|value| value.as_ref().is_some_and(Value::is_some)).collect();
    let stand_in = typical.dummy_value();
    let full = values.into_iter().map(|value| value.filter(Value::is_some).unwrap_or_else(|| stand_in.clone()));
    given.expr_as(unnest(typical.array_type(), full.collect()), Alias::new(name));
    let column = Expr::col(Alias::new(name));
    if there.iter().all(|there| *there) {
        return column;
    }
    let flag = Alias::new(format!("{name} is there")).into_iden();
    given.expr_as(unnest(ArrayType::Bool, there.into_iter().map(Value::from).collect()), flag.clone());
    CaseStatement::new().case(Expr::col(flag), column).into()
}

fn value(value: ActiveValue<Value>) -> Option<Value> {
    match value {
        ActiveValue::Set(value) | ActiveValue::Unchanged(value) => Some(value),
        ActiveValue::NotSet => None,
    }
}

fn unnest(kind: ArrayType, values: Vec<Value>) -> Expr {
    Func::cust("unnest").arg(Expr::val(Value::Array(kind, Some(Box::new(values))))).into()
}

#[cfg(test)]
mod tests;
