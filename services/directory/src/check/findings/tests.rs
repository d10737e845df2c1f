use super::*;

fn sample(name: &str, fields: &[(&str, &str)]) -> Sample {
    let fields = fields.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
    Sample { distinguished_name: name.to_owned(), fields, skipped_because: String::new(), notes: Vec::new() }
}

#[test]
fn what_two_people_share_and_nobody_has_is_told() {
    let samples = [
        sample("cn=a", &[("email", "One@acme.test"), ("employee_number", "7")]),
        sample("cn=b", &[("email", "one@acme.test"), ("employee_number", "8")]),
        sample("cn=c", &[("employee_number", "9")]),
    ];
    let told: Vec<String> = of_samples(&samples).into_iter().map(|finding| finding.because).collect();
    let wanted =
        ["2 people have the e-mail address one@acme.test: cn=a; cn=b", "1 of 3 sampled people have no e-mail address"];
    assert_eq!(told, wanted);
    assert_eq!(of_samples(&samples[..1]), []);
    assert!(of_samples(&[])[0].because.contains("matches nobody"));
}
