use freehold_proto::content::v1::{Publication, PublicationKind, WatchResponse};

use super::text;

#[test]
fn an_event_is_one_line_of_json_and_silence_is_a_comment() {
    assert_eq!(text(&WatchResponse::default()).unwrap(), ":\n\n");
    let comment = Publication {
        group_id: "grp_1".to_owned(),
        kind: PublicationKind::Comment.into(),
        post_id: "pst_2".to_owned(),
        comment_id: "cmt_3".to_owned(),
    };
    let told = text(&WatchResponse { publications: vec![comment.clone(), comment] }).unwrap();
    let event = "event: publication\ndata: {\"group_id\":\"grp_1\",\"kind\":\"PUBLICATION_KIND_COMMENT\",\
                 \"post_id\":\"pst_2\",\"comment_id\":\"cmt_3\"}\n\n";
    assert_eq!(told, event.repeat(2));
}
