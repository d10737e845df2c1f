use super::lay_out;

#[test]
fn columns_line_up_in_every_script() {
    let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
    let rows = [row(["美咲", "Köln", "x"]), row(["Zoe\u{308}", "İzmir", ""])];
    assert_eq!(
        lay_out(&["NAME", "SITE", "E-MAIL"], &rows),
        ["NAME  SITE   E-MAIL", "美咲  Köln   x", "Zoe\u{308}   İzmir"]
    );
}

#[test]
fn a_cell_cannot_break_its_row() {
    assert_eq!(lay_out(&["A"], &[vec!["one\ntwo\u{7}".to_owned()]]), ["A", "one two"]);
}
