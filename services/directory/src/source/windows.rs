//! What Active Directory means when it refuses a bind: always code 49, the reason hidden in `data …` (MS-ERREF).

/// What the server means, and the cure; nothing when its words say no reason.
pub(super) fn refusal(answer: &str) -> Option<(&'static str, &'static str)> {
    let (_, after) = answer.split_once("AcceptSecurityContext")?;
    let (_, code) = after.split_once("data ")?;
    let code = code.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    Some(match code.to_ascii_lowercase().as_str() {
        "525" => ("nobody has this name", "check bind_dn: a distinguished name, name@domain or DOMAIN\\name"),
        "52e" => ("the password is wrong, or nobody has this name", "check bind_dn and the password"),
        "530" => ("the account may not sign in at this hour", "lift the logon hours of the account"),
        "531" => ("the account may not sign in from here", "lift the list of workstations of the account"),
        "532" => ("the password has expired", "give the account a new password, and let it not expire"),
        "533" => ("the account is disabled", "enable the account"),
        "701" => ("the account has expired", "extend the account, or let it not expire"),
        "773" => {
            ("the password must be changed before it is used", "give the account a password that need not be changed")
        }
        "775" => ("the account is locked after wrong passwords", "unlock the account, and find out who tried"),
        _ => return None,
    })
}
