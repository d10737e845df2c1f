//! Two days in the sample company: people come in, read, post, comment and react.

use anyhow::{Context as _, Result};
use freehold_proto::billing::v1 as billing;
use freehold_proto::content::v1 as content;
use freehold_proto::directory::v1 as directory;
use freehold_wire::{Calls, fault};

use super::{Demo, people};

/// What happened.
pub(super) struct Story {
    /// People who came in.
    pub active: usize,
    /// Groups there are.
    pub groups: usize,
    /// Ids of what was posted.
    pub posts: Vec<String>,
}

/// Who says what, where: place among the people, group, text.
const POSTS: [(usize, &str, &str); 6] = [
    (0, "Everybody", "Welcome to our own place. What we write here stays ours: it is sealed under the company's key."),
    (4, "Everybody", "The new ovens in Lyon are running. Thank you to everybody who came in on Sunday!"),
    (1, "Lyon", "Shift change on Thursday: the early shift starts at 4:30 because of the delivery."),
    (2, "Paris", "Qui peut prendre mon service samedi matin ? Je prends le dimanche en échange."),
    (6, "Everybody", "Found in the canteen: a blue thermos. It waits at the front desk."),
    (8, "Paris", "The card reader in the shop works again."),
];

/// Everybody but each third person comes in and reads; some write.
pub(super) async fn first_day(demo: &Demo, members: &[directory::Person]) -> Result<Story> {
    let present = present(members);
    let mut posts = Vec::new();
    let mut groups = 0;
    for (place, (person, code)) in present.iter().zip(people::codes(demo, &present).await?).enumerate() {
        let mut calls = people::sign_in(demo, &code).await?;
        let mine = read(&mut calls).await?;
        groups = groups.max(mine.len());
        for (number, (_, group, text)) in POSTS.iter().enumerate().filter(|(_, (author, ..))| *author == place) {
            let found = mine.iter().find(|mine| mine.name == *group);
            let group = found.with_context(|| format!("{} is not in {group}", person.display_name))?;
            let request = content::CreatePostRequest {
                request_id: format!("demo-post-{number}"),
                group_id: group.id.clone(),
                text: (*text).to_owned(),
            };
            let post = calls.content.create_post(request).await.map_err(fault)?.into_inner().post;
            posts.push(post.context("a post came back empty")?.id);
            note(&mut calls, billing::ActivityKind::Write).await?;
        }
    }
    let groups = count_groups(demo, &present).await?.max(groups);
    Ok(Story { active: present.len(), groups, posts })
}

/// The same people come back, and answer.
pub(super) async fn second_day(demo: &Demo, members: &[directory::Person], story: &Story) -> Result<()> {
    let present = present(members);
    let first_post = story.posts.first().context("nobody posted")?;
    for (place, code) in people::codes(demo, &present).await?.into_iter().enumerate() {
        let mut calls = people::sign_in(demo, &code).await?;
        read(&mut calls).await?;
        if place.is_multiple_of(4) {
            let kind = content::ReactionKind::Like.into();
            let request = content::SetReactionRequest { post_id: first_post.clone(), kind };
            calls.content.set_reaction(request).await.map_err(fault)?;
        }
        if place == 2 {
            let request = content::CreateCommentRequest {
                request_id: "demo-comment".to_owned(),
                post_id: first_post.clone(),
                parent_id: String::new(),
                text: "At last a place for those of us without e-mail.".to_owned(),
            };
            calls.content.create_comment(request).await.map_err(fault)?;
        }
    }
    Ok(())
}

fn present(members: &[directory::Person]) -> Vec<directory::Person> {
    members.iter().enumerate().filter(|(place, _)| place % 3 != 2).map(|(_, person)| person.clone()).collect()
}

/// Opens the feed, as the first page does, and answers the groups the person is in.
async fn read(calls: &mut Calls) -> Result<Vec<content::Group>> {
    let request = content::ListFeedRequest { page_size: 10, page_token: String::new() };
    calls.content.list_feed(request).await.map_err(fault)?;
    note(calls, billing::ActivityKind::Read).await?;
    let request = content::ListGroupsRequest { mine_only: true, ..Default::default() };
    Ok(calls.content.list_groups(request).await.map_err(fault)?.into_inner().groups)
}

async fn note(calls: &mut Calls, kind: billing::ActivityKind) -> Result<()> {
    calls.billing.record_activity(billing::RecordActivityRequest { kind: kind.into() }).await.map_err(fault)?;
    Ok(())
}

/// How many groups the first person sees: all but the secret ones of others.
async fn count_groups(demo: &Demo, present: &[directory::Person]) -> Result<usize> {
    let first: Vec<_> = present.iter().take(1).cloned().collect();
    let code = people::codes(demo, &first).await?.into_iter().next().context("nobody is there")?;
    let mut calls = people::sign_in(demo, &code).await?;
    let request = content::ListGroupsRequest { page_size: 100, ..Default::default() };
    Ok(calls.content.list_groups(request).await.map_err(fault)?.into_inner().groups.len())
}
