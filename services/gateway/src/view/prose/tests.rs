use super::{Piece, beginning, pieces, text};

fn links(line: &str) -> Vec<&str> {
    pieces(line)
        .into_iter()
        .filter_map(|piece| if let Piece::Address(address) = piece { Some(address) } else { None })
        .collect()
}

#[test]
fn nothing_that_people_write_is_markup() {
    let html = text("<script>alert(1)</script> & \"quotes\" javascript:alert(1)").0;
    assert_eq!(
        html,
        "<p dir=\"auto\">&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quotes&quot; javascript:alert(1)</p>"
    );
}

#[test]
fn lines_and_paragraphs_stay() {
    assert_eq!(text("a\nb\n\n \n\nc\n").0, "<p dir=\"auto\">a<br>b</p><p dir=\"auto\">c</p>");
    assert_eq!(text("\n\n").0, "");
}

#[test]
fn web_addresses_become_links() {
    assert_eq!(links("see https://a.example/x?y=1&z=2."), ["https://a.example/x?y=1&z=2"]);
    assert_eq!(links("(https://a.example/b_(c)), http://b.example!"), ["https://a.example/b_(c)", "http://b.example"]);
    assert_eq!(links("«https://a.example»"), ["https://a.example"]);
    assert_eq!(links("https:// http://… ftp://a.example https://\"x\""), [""; 0]);
    assert_eq!(links("xhttps://a.example<b>"), ["https://a.example"]);
    assert_eq!(links("http://[::1]:8080/é"), ["http://[::1]:8080/é"]);
    let html = text("https://a.example/\"onclick=x").0;
    assert!(html.starts_with("<p dir=\"auto\"><a href=\"https://a.example/\" rel=\"nofollow noopener noreferrer\"><bdi>https://a.example/</bdi></a>&quot;"), "{html}");
}

#[test]
fn pieces_put_together_are_the_line() {
    for line in ["", "plain", "https://a.example", "a https://a.example, b http:// c", "é https://é.example é"] {
        let whole: String = pieces(line)
            .iter()
            .map(|piece| match piece {
                Piece::Words(text) | Piece::Address(text) => *text,
            })
            .collect();
        assert_eq!(whole, line);
    }
}

#[test]
fn a_long_text_is_shortened_between_words_and_a_short_one_is_not() {
    assert_eq!(beginning("short", 6, 20), None);
    assert_eq!(beginning("one\ntwo\n", 2, 20), None);
    assert_eq!(beginning("one\ntwo\nthree", 2, 20).as_deref(), Some("one\ntwo\u{a0}…"));
    assert_eq!(beginning("many words here", 6, 8).as_deref(), Some("many\u{a0}…"));
    assert_eq!(beginning("éééééééé", 6, 3).as_deref(), Some("ééé\u{a0}…"));
}
