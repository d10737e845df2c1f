use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use freehold_proto::content::v1 as pb;
use freehold_proto::content::v1::content_service_server::ContentService as _;
use freehold_types::{Kind, Reason};
use tokio::task::JoinSet;

use super::world::{World, ask, done};

/// Writers at the same time.
const WRITERS: i64 = 32;

#[tokio::test(flavor = "multi_thread")]
async fn the_sequence_has_no_gaps_under_concurrent_posts_and_comments() {
    let world = Arc::new(World::new().await);
    let author = world.person();
    let group = world.group(&author, "Kitchen", pb::GroupPrivacy::Open).await;
    let first = world.post(&author, &group.id, "first", "first").await.unwrap();
    let mut writers = JoinSet::new();
    for number in 0..WRITERS {
        let (world, group, post) = (world.clone(), group.id.clone(), first.id.clone());
        let text = format!("text {number}");
        writers.spawn(async move {
            if number % 2 == 0 {
                world.post(&author, &group, &text, &text).await.unwrap().seq
            } else {
                world.comment(&author, &post, "", &text).await.unwrap().seq
            }
        });
    }
    let seqs: BTreeSet<i64> = writers.join_all().await.into_iter().collect();
    assert_eq!(seqs, (2..=WRITERS + 1).collect());
    assert_eq!(world.get_group(&author, &group.id).await.unwrap().last_seq, WRITERS + 1);
    // A refused write takes no number.
    world.comment(&author, &first.id, &unknown_comment(), "x").await.unwrap_err();
    assert_eq!(world.post(&author, &group.id, "last", "last").await.unwrap().seq, WRITERS + 2);
    let listed = world.posts(&author, &group.id).await.unwrap();
    assert!(listed.windows(2).all(|two| two[0].seq > two[1].seq && moment(&two[0]) > moment(&two[1])), "newest first");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_at_the_same_time_makes_one_post() {
    let world = Arc::new(World::new().await);
    let author = world.person();
    let group = world.group(&author, "Kitchen", pb::GroupPrivacy::Open).await;
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (world, group) = (world.clone(), group.id.clone());
        writers.spawn(async move { world.post(&author, &group, "once", "hello").await.unwrap().id });
    }
    let ids: BTreeSet<String> = writers.join_all().await.into_iter().collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(world.posts(&author, &group.id).await.unwrap().len(), 1);
    assert_eq!(world.get_group(&author, &group.id).await.unwrap().last_seq, 1);
}

#[tokio::test]
async fn a_request_id_is_the_callers_and_for_one_request() {
    let world = World::new().await;
    let (anna, beat) = (world.person(), world.person());
    let group = world.group(&anna, "Kitchen", pb::GroupPrivacy::Open).await;
    world.join(&beat, &group.id).await.unwrap();
    let first = world.post(&anna, &group.id, "id", "hello").await.unwrap();
    let other = world.post(&anna, &group.id, "id", "bye").await.unwrap_err();
    assert_eq!((other.kind(), other.reason()), (Kind::Conflict, Reason::RequestIdReused));
    assert_ne!(world.post(&beat, &group.id, "id", "hello").await.unwrap().id, first.id, "somebody else's id");
    world.clock.advance(TimeDelta::days(29));
    assert_eq!(world.post(&anna, &group.id, "id", "hello").await.unwrap().id, first.id);
    world.clock.advance(TimeDelta::days(2));
    assert_ne!(world.post(&anna, &group.id, "id", "bye").await.unwrap().id, first.id, "after 30 days it is forgotten");
}

#[tokio::test]
async fn the_feed_shows_every_post_of_own_groups_exactly_once() {
    let world = World::new().await;
    let (anna, beat) = (world.person(), world.person());
    let mut expected = Vec::new();
    for number in 0..5 {
        let group = world.group(&anna, &format!("g{number}"), pb::GroupPrivacy::Open).await;
        if number < 3 {
            world.join(&beat, &group.id).await.unwrap();
        }
        for post in 0..7 {
            // The clock stands still within a group, so times of several groups are equal too.
            let made = world.post(&anna, &group.id, &format!("{number} {post}"), "text").await.unwrap();
            if number < 3 {
                expected.push((moment(&made), made.id));
            }
        }
    }
    expected.sort_unstable();
    expected.reverse();
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let (posts, next) = world.feed(&beat, 4, &token).await;
        assert!(!posts.is_empty() && posts.len() <= 4);
        assert!(posts.iter().all(|post| post.group_name.starts_with('g')));
        seen.extend(posts.into_iter().map(|post| (moment(&post), post.id)));
        if next.is_empty() {
            break;
        }
        token = next;
        // What is published meanwhile moves nothing.
        world.clock.advance(TimeDelta::seconds(1));
        let group = world.group(&anna, "g0", pb::GroupPrivacy::Open).await;
        world.post(&anna, &group.id, &token, "later").await.unwrap();
    }
    assert_eq!(seen, expected);
    assert_eq!(world.feed(&world.person(), 10, "").await, (Vec::new(), String::new()), "nobody's feed is empty");
}

#[tokio::test]
async fn a_page_token_serves_its_own_list_only() {
    let world = World::new().await;
    let anna = world.person();
    let group = world.group(&anna, "Kitchen", pb::GroupPrivacy::Open).await;
    let other = world.group(&anna, "Office", pb::GroupPrivacy::Open).await;
    for number in 0..3 {
        world.post(&anna, &group.id, &number.to_string(), "text").await.unwrap();
    }
    let page = |group: &str, token: &str| pb::ListPostsRequest {
        group_id: group.to_owned(),
        page_size: 2,
        page_token: token.to_owned(),
    };
    let first = done(world.service.list_posts(ask(&anna, page(&group.id, ""))).await).unwrap();
    let second = done(world.service.list_posts(ask(&anna, page(&group.id, &first.next_page_token))).await).unwrap();
    let seqs: Vec<i64> = first.posts.iter().chain(&second.posts).map(|post| post.seq).collect();
    assert_eq!((seqs, second.next_page_token.as_str()), (vec![3, 2, 1], ""));
    let refused =
        done(world.service.list_posts(ask(&anna, page(&other.id, &first.next_page_token))).await).unwrap_err();
    assert_eq!(refused.violations()[0].field, "page_token");
}

#[tokio::test]
async fn comments_answer_the_post_or_a_comment_under_it() {
    let world = World::new().await;
    let anna = world.person();
    let group = world.group(&anna, "Kitchen", pb::GroupPrivacy::Open).await;
    let post = world.post(&anna, &group.id, "1", "one").await.unwrap();
    let other = world.post(&anna, &group.id, "2", "two").await.unwrap();
    let comment = world.comment(&anna, &post.id, "", "a").await.unwrap();
    let answer = world.comment(&anna, &post.id, &comment.id, "b").await.unwrap();
    assert_eq!((answer.parent_id.as_str(), comment.seq, answer.seq), (comment.id.as_str(), 3, 4));
    let refused = world.comment(&anna, &other.id, &comment.id, "c").await.unwrap_err();
    assert_eq!(refused.reason(), Reason::CommentNotFound, "a comment under another post");
    let request = pb::ListCommentsRequest { post_id: post.id.clone(), page_size: 1, page_token: String::new() };
    let first = done(world.service.list_comments(ask(&anna, request.clone())).await).unwrap();
    let rest = pb::ListCommentsRequest { page_token: first.next_page_token, ..request };
    let second = done(world.service.list_comments(ask(&anna, rest)).await).unwrap();
    assert_eq!((first.comments, second.comments), (vec![comment], vec![answer]));
    let counts: Vec<i64> = world.posts(&anna, &group.id).await.unwrap().iter().map(|post| post.comment_count).collect();
    assert_eq!(counts, [0, 2]);
}

#[tokio::test]
async fn a_person_has_one_reaction_to_a_post() {
    let world = World::new().await;
    let (anna, beat) = (world.person(), world.person());
    let group = world.group(&anna, "Kitchen", pb::GroupPrivacy::Open).await;
    world.join(&beat, &group.id).await.unwrap();
    let post = world.post(&anna, &group.id, "1", "one").await.unwrap();
    let set = |kind: pb::ReactionKind| pb::SetReactionRequest { post_id: post.id.clone(), kind: kind.into() };
    let count = |kind: pb::ReactionKind, count| pb::ReactionCount { kind: kind.into(), count };
    done(world.service.set_reaction(ask(&beat, set(pb::ReactionKind::Support))).await).unwrap();
    done(world.service.set_reaction(ask(&anna, set(pb::ReactionKind::Love))).await).unwrap();
    let reply = done(world.service.set_reaction(ask(&beat, set(pb::ReactionKind::Love))).await).unwrap();
    let seen = reply.post.unwrap();
    assert_eq!(
        (seen.reactions.clone(), seen.my_reaction()),
        (vec![count(pb::ReactionKind::Love, 2)], pb::ReactionKind::Love)
    );
    for _ in 0..2 {
        let request = pb::RemoveReactionRequest { post_id: post.id.clone() };
        let seen = done(world.service.remove_reaction(ask(&beat, request)).await).unwrap().post.unwrap();
        assert_eq!((seen.reactions.len(), seen.my_reaction()), (1, pb::ReactionKind::Unspecified));
    }
}

fn moment(post: &pb::Post) -> (i64, i32) {
    let at = post.created_at.unwrap_or_default();
    (at.seconds, at.nanos)
}

fn unknown_comment() -> String {
    format!("cmt_{}", "0".repeat(32))
}
