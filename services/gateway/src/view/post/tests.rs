use freehold_proto::content::v1 as pb;

use super::{in_order, reaction_named};

fn comment(id: &str, parent: &str) -> pb::Comment {
    pb::Comment { id: id.to_owned(), parent_id: parent.to_owned(), ..pb::Comment::default() }
}

fn order(comments: &[(&str, &str)]) -> Vec<String> {
    let comments: Vec<_> = comments.iter().map(|(id, parent)| comment(id, parent)).collect();
    in_order(&comments).into_iter().map(|comment| comment.id.clone()).collect()
}

#[test]
fn answers_stand_under_what_they_answer() {
    assert_eq!(order(&[("a", ""), ("b", ""), ("c", "a"), ("d", "c"), ("e", "b")]), ["a", "c", "d", "b", "e"]);
}

#[test]
fn an_answer_to_a_comment_on_another_page_stands_by_itself() {
    assert_eq!(order(&[("a", "gone"), ("b", "")]), ["a", "b"]);
}

#[test]
fn a_circle_of_answers_ends() {
    assert_eq!(order(&[("a", "b"), ("b", "a")]).len(), 2);
}

#[test]
fn six_reactions_have_names() {
    let names = ["like", "love", "celebrate", "laugh", "surprise", "support"];
    assert!(names.iter().all(|name| reaction_named(name).is_some()));
    assert_eq!(reaction_named("none"), None);
}
