use super::mistake;

const OWN: [&str; 5] = ["a.öztürk", "0004711", "Łukasz Öztürk-Nowak", "lukasz@acme.test", "Acme & Söhne"];

#[test]
fn what_everybody_guesses_first_is_refused() {
    for password in [
        "Password1234!",
        "passwordpassword",
        "123456789012",
        "qwertyuiop1234",
        "Azerty-2026-Azerty",
        "motdepasse2026",
        "aaaabbbbaaaabbbb",
        "iloveyou--iloveyou",
        "Łukasz-0004711",
        "öztürk.nowak.2026",
        "acme-söhne-1999",
        "welcome-acme-2026",
    ] {
        assert!(mistake(password, &OWN).is_some(), "{password}");
    }
}

#[test]
fn what_nobody_guesses_is_taken() {
    for password in [
        "the oven hums at four",
        "Kaffee um halb fünf",
        "password of the night oven",
        "x7Kp2!mvQ9wz",
        "пекарня в пять утра",
    ] {
        assert_eq!(mistake(password, &OWN), None, "{password}");
    }
}

#[test]
fn twelve_to_a_hundred_and_twenty_eight_bytes() {
    assert!(mistake("x7Kp2!mvQ9w", &OWN).is_some());
    assert!(mistake(&"x7Kp2!mv".repeat(16), &OWN).is_none());
    assert!(mistake(&format!("{}x", "x7Kp2!mv".repeat(16)), &OWN).is_some());
}
