use super::decoded;

#[test]
fn steps_of_a_path_lose_their_percent_signs_once() {
    for (step, wanted) in
        [("a%3Ab", "a:b"), ("%2541", "%41"), ("100%", "100%"), ("%zz", "%zz"), ("%ff", "%ff"), ("é", "é")]
    {
        assert_eq!(decoded(step), wanted);
    }
}
