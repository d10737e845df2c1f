# Every sentence of the pages, in English. Short, warm, exact: say who sees it, what happens next, what can be undone.
# Buttons are verbs. `text/fr.ftl` has the same keys and the same variables; a test compares them.

product = Freehold
skip-to-content = Skip to content

## Navigation
nav-main = Main
nav-home = Home
nav-groups = Groups
nav-people = People
nav-me = Me
nav-console = Console
nav-search = Search for people

## Which company
start-title = Which company do you work for?
start-field = Your company’s address
start-hint = A short name such as “acme”. It is on your letter, or ask a colleague.
start-button = Go to my company
start-unknown = No company has this address here. Check how it is spelled.

## Sign-in
sign-in-title = Sign in
sign-in-company = Sign in with your company account
sign-in-with = Sign in with { $name }
sign-in-passkey = Sign in with this phone’s lock
sign-in-passkey-hint = Fingerprint, face or PIN: a passkey. You need no name and no password.
sign-in-password-title = Sign in with your password
sign-in-name = User name or employee number
sign-in-password = Password
sign-in-digits = Six digits
sign-in-digits-hint = From the authenticator app on your phone.
sign-in-password-button = Sign in
sign-in-code-title = First time here, or phone lost?
sign-in-code = Your access code
sign-in-code-hint = 16 letters and digits from your letter. Small or big letters, with or without hyphens.
sign-in-code-button = Continue with this code
sign-in-no-email = You need no e-mail address and no phone number.
shared-device-title = Shared device
shared-device-text = Do several people use this browser, at a terminal or on a tablet of the shift? Then a sign-in ends after ten minutes without use, after an hour at the latest, and when the browser is closed.
shared-device-is = Now this browser is used by several people.
shared-device-is-not = Now this browser is one person’s own.
shared-device-yes = Several people use it
shared-device-no = It is one person’s own
shared-device-back = Back to signing in
shared-device-ask = Do several people use this device?
shared-device-on = Shared device: a sign-in ends after ten minutes without use
sign-in-emergency = Emergency account
sign-in-closed-title = No way in yet
sign-in-closed-text = Your company has not set up sign-in. Ask your IT department.
signed-out-title = Signed out
signed-out-text = You have signed out of Freehold on this device. Your company account is still signed in here. On a shared device, sign out of it, too.
signed-out-at-idp = Sign out of my company account
signed-out-again = Sign in again
sign-in-refused = That did not let you in. Try again, or ask your IT department.
code-refused = This code does not work. It may be mistyped, already used or too old. Check it, or ask for a new one.
password-refused = That did not let you in. Check name, password and digits; each set of digits works once. If you are stuck, ask for a new access code.

## Claim
claim-title = Choose how you sign in
claim-lead = A password that only you know, and an app on your phone that shows new digits every half minute.
claim-passkey-title = With this phone’s lock
claim-passkey-text = Fingerprint, face or PIN of this phone: a passkey. It stays on your phone, and nobody can guess it or read it off.
claim-passkey-button = Use this phone’s lock
claim-otherwise = Or with a password and an app
claim-password-title = Your password
claim-password = New password
claim-password-hint = At least 12 characters. Four or five words are easy to keep in mind.
claim-password-again = The same password again
claim-password-refused = Not this one. Take at least 12 characters: more than digits, more than a common password, more than your name or number.
claim-password-differs = The two passwords are not the same.
claim-app-title = Your authenticator app
claim-app-text = Any app for six-digit codes works, for example Aegis, FreeOTP, or the ones of Google and Microsoft. Open it from here if it is on this phone, or scan the picture with it.
claim-app-open = Open my app
claim-app-qr = QR code for the authenticator app
claim-app-secret = Or type this key into the app:
claim-digits = The six digits in the app
claim-digits-refused = These are not the digits of this moment. Wait for the next ones, and check that the phone’s clock is right.
claim-button = Finish
claim-over = This took longer than fifteen minutes, or was finished already. Begin again with your code, or sign in.
welcome-title = You are in
welcome-text = Next time you sign in with this name, your password and the six digits in your app.
welcome-user-name = User name
welcome-employee-number = Employee number
welcome-email = E-mail address
welcome-lost = Phone lost or password forgotten? Ask for a new access code. It ends everything that was before.
welcome-button = Go to { $company }
too-many-tries = Too many tries. Wait a little, then try again.

## Letters
letters-title = Letters with access codes
letters-text = For people without e-mail and without the company account. Choose them, print the letters, hand them over.
letters-warning = A new code stops an older one of the same person. Once it is used, everything the person had before ends.
letters-nobody = Choose at least one person.
letters-make = Make codes and letters
letters-make-file = Make codes and a PDF file
letters-made = { $count ->
    [one] { $count } letter
   *[other] { $count } letters
}
letters-once = Print this page now: the codes are shown once. Each one lets its person in, so hand the letters over yourself.
letters-no-file = One of the names has letters that the PDF file cannot show. Print this page instead.
letters-back = Back to the people
letter-for = For
letter-text = You can now read and write with your colleagues at { $company } on your own phone. You need no e-mail address, and nobody asks for your phone number.
letter-qr = QR code that opens the page with your code
letter-type = Scan this with the camera of your phone, or open this address and type the code:
letter-step-scan = Open the page and send the code.
letter-step-choose = Choose how you sign in: with the lock of your phone, or with a password and an app.
letter-step-next = From then on you come in with that. The code is used up.
letter-secret = The code is as good as a key. Show it to nobody. If it is lost, ask for a new letter: it stops this one.
letter-until = Good until
poster-show = Poster for the canteen
poster-file = Poster as a PDF file
poster-title = Poster
poster-text = Print it and put it up. It holds no code and no secret.
poster-headline = { $company } on your phone
poster-qr = QR code of the company’s address
poster-step-scan = Scan this with the camera of your phone.
poster-step-code = Type the code from your letter. No letter yet? Ask your manager.
poster-step-choose = Choose how you sign in from then on.
poster-no-email = You need no e-mail address and no phone number.

## Passkeys
passkey-create-title = This phone’s lock
passkey-create-text = Your browser now asks for your fingerprint, face or PIN.
passkey-get-title = Sign in
passkey-get-text = Your browser now asks for your fingerprint, face or PIN.
passkey-trouble = That did not work, or you stopped it. Try again, or take another way.
passkey-again = Try again
passkey-no-script = Your browser runs no scripts here, and needs one for this. Take the other way.
passkey-otherwise = Another way
passkey-refused = This passkey did not let you in. Try another way, or ask for a new access code.
passkeys-title = Your ways in
passkeys-one = Passkey since
passkeys-password = Password and authenticator app
passkeys-text = On another phone or computer, or on a key for its socket.
passkeys-add = Add a passkey
passkeys-remove = Remove

## Feed
feed-title = Home
feed-empty-title = Nothing here yet
feed-empty-text = What your groups publish appears here, newest first. Join a group to see more.
feed-empty-button = Find groups
posts-older = Older posts

## Writing
compose-open = Share something
compose-audience = Shared with
compose-text = What would you like to say?
compose-share = Share
compose-share-with = { $count ->
    [one] Share with { $count } person
   *[other] Share with { $count } people
}
compose-refused-title = Not shared yet
compose-refused = Write something first, and no more than about ten pages.
comment-label = Write a comment
comment-answering = Answer { $name }
comment-send = Send
comment-answer = Answer
comment-answer-none = Comment on the post instead
comment-refused-title = Not sent yet
comment-refused = Write something first, and no more than about two pages.

## Posts
post-title = Post
post-more = Read all
post-comment = Comment
post-audience = Read by
comments-count = { $count ->
    [one] { $count } comment
   *[other] { $count } comments
}
comments-title = { $count ->
    [0] Comments
    [one] { $count } comment
   *[other] { $count } comments
}
comments-none = Nobody has commented yet.
comments-more = More comments
comments-join = Only members of the group comment. You can join.
reaction-more = React
reaction-like = Like
reaction-love = Love
reaction-celebrate = Bravo
reaction-laugh = Funny
reaction-surprise = Wow
reaction-support = Support

## Groups
groups-title = Groups
groups-mine = Your groups
groups-others = Other groups
groups-more = More groups
groups-none-title = No groups yet
groups-none-text = Groups are where people post. Your company adds you to the first ones.
group-open = Open: everybody in the company can read and join
group-closed = Closed: only members can read
group-secret = Secret: only members know of it
group-closed-word = Closed
group-secret-word = Secret
group-audience = { $count ->
    [one] { $name }, { $count } person
   *[other] { $name }, { $count } people
}
group-join = Join
group-leave = Leave
group-by-rule = Your company’s directory decides who is in this group.
group-empty-title = Nothing here yet
group-empty-text = Be the first to share something with this group.
group-shut-title = For members only
group-shut-text = Ask somebody who looks after this group to add you.
members-count = { $count ->
    [one] { $count } member
   *[other] { $count } members
}
members-title = Members of { $name }
members-back = Back to the group
members-administrator = Looks after the group
members-by-hand = Not by the group’s rule
members-none-title = No members yet
members-none-text = Once somebody joins, they appear here.

## People
people-title = People
people-search = Name, title, site…
people-search-button = Search
people-found = People found
people-count = { $count ->
    [one] { $count } person
   *[other] { $count } people
}
people-more = More people
people-all = Show everybody
people-none-title = Nobody found
people-none-text = Try part of a name, a title, a department or a site.
person-unknown = Somebody who left
person-left = No longer here
person-administrator = Administrator
person-about = About
person-department = Department
person-site = Site
person-number = Employee number
person-phone = Phone
person-email = E-mail
person-manager = Manager
person-reports = { $count ->
    [one] { $count } person reports here
   *[other] { $count } people report here
}
person-groups = In the company directory

## Me
me-title = Me
me-profile = How others see me
me-from-directory = Your name and title come from your company’s directory. Ask your IT department to change them.
me-console = Directories and sync runs
me-language = Language
me-language-now = English
me-language-how = These pages follow the language of your browser. Change it there, and they follow.
me-sessions = Where you are signed in
me-sessions-more = Older sign-ins
me-sign-out = Sign out
session-local = Without the company account
session-by-connection = With { $name }
session-used = Last used
session-since = Signed in
session-current = This one
session-end = End
session-shared = Shared device
session-end-others = End all others

## Console
console-title = Directory
runs-title = Sync runs
runs-older = Older runs
runs-none-title = No sync run yet
runs-none-text = The first run brings your people in. Start it with “freehold directory sync”.
run-directory = Directory
run-state = State
run-started = Started
run-duration = Took
run-joined = Joined
run-changed = Changed
run-deactivated = Deactivated
run-returned = Returned
run-skipped = Skipped
run-access = Access ended
run-access-worst = { $milliseconds } ms
run-access-median = half in { $milliseconds } ms
run-done = Done
run-running = Running
run-failed = Failed
run-held = Held
run-interrupted = Interrupted
run-unknown = Unknown
directories-title = Directories
directories-none-title = No directory yet
directories-none-text = Name one in your company’s manifest and apply it.
directory-name = Name
directory-status = State
directory-in-step = In step
directory-begins = Starting
directory-stale = Stale
directory-not-followed = Not followed
directory-waits = Losses wait
directory-last-in-step = In step at
directory-retry = Next try at
directory-waits-text = Some people would lose their access. It waits until somebody approves it with freehold directory preview.
directory-kind = Kind
directory-servers = Servers
directory-base = Base
directory-guard = Most deactivations in one run
kind-active-directory = Active Directory
kind-openldap = OpenLDAP
kind-ldap = LDAP
kind-ldif = LDIF file
kind-csv = CSV file
kind-xlsx = Excel workbook
kind-scim = SCIM 2.0, pushed by an IdP
kind-unknown = Unknown
figure = { $count }

## What went wrong
error-reference = Reference: { $number }
error-home = Go to Home
error-start = Go to the first page
error-not-found-title = Not found
error-not-found-text = It was removed, or it is not yours to see. Check the address.
error-forbidden-title = Not for you to do
error-forbidden-text = Your role does not allow this. An administrator can help.
error-invalid-title = That did not work
error-invalid-text = Something in what you sent is not right. Go back and check it.
error-conflict-title = Not possible now
error-conflict-text = Things have changed in the meantime. Go back, load the page again and look.
error-by-rule-text = Your company’s directory decides who is in this group, so nobody can leave it by hand.
error-exhausted-title = Too much at once
error-exhausted-text = Wait a little, then try again.
error-unavailable-title = Not reachable just now
error-unavailable-text = A part of the service does not answer. Nothing is lost; try again in a minute.
error-internal-title = Something went wrong
error-internal-text = It is our fault, not yours. Tell your IT department the reference below.
error-method-title = That way does not lead here
error-method-text = This address takes no such request.
error-too-large-title = Too long
error-too-large-text = This is more than can be sent at once. Go back and shorten it.
error-elsewhere-title = Not accepted from there
error-elsewhere-text = This was sent from another address than { $address }. Open that address and try again.

## Times
ago-now = just now
ago-minutes = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
}
ago-hours = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
}
ago-yesterday = yesterday at { $time }
ago-days = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}
date = { $day } { $month } { $year }
date-and-time = { $date }, { $time }
duration-moment = under a second
duration-seconds = { $count } s
duration-minutes = { $minutes } min { $seconds } s
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

## Audit log
audit-title = Audit log
audit-text = Who signed in, who was refused, and what administrators and the operator did. Lines are never changed and never removed.
audit-back = Back to the directory
audit-events = Events
audit-older = Older events
audit-none-title = Nothing yet
audit-none-text = What happens from now on stands here.
audit-number = Number
audit-time = Time
audit-event = Event
audit-person = Person
audit-details = Details
audit-by = Written by
audit-operator = the operator
audit-signed-in = Signed in
audit-sign-in-refused = Sign-in refused
audit-throttled = Too many tries
audit-identity-linked = Linked to the company account
audit-connection-added = Connection added
audit-connection-changed = Connection changed
audit-connection-removed = Connection removed
audit-connection-tried = Connection tried by an administrator
audit-emergency-account-added = Emergency account added
audit-emergency-account-removed = Emergency account removed
audit-emergency-account-used = Emergency account used
audit-sign-in-policy-changed = Sign-in policy changed
audit-logout-token-taken = Signed out by the company account
audit-logout-token-refused = Sign-out message refused
audit-session-ended = Session ended
audit-sessions-ended = Sessions ended
audit-access-code-issued = Access code issued
audit-access-code-issue-refused = Access code refused to whoever asked for it
audit-access-code-voided = Access code voided
audit-access-code-redeemed = Access code redeemed
audit-password-set = Password set
audit-password-removed = Password removed
audit-passkey-enrolled = Passkey enrolled
audit-passkey-removed = Passkey removed
audit-role-granted = Role given
audit-role-revoked = Role taken away
audit-role-change-refused = Change of roles refused
audit-role-groups-changed = Roles by directory group changed
audit-manifest-applied = Manifest applied
audit-operator-entered = Operator entered
audit-sync-approved = Sync run approved
audit-sync-undone = Sync run undone
audit-provisioning-token-issued = Provisioning token issued
audit-provisioning-token-revoked = Provisioning token revoked
audit-client-registered = Client registered
audit-client-removed = Client removed
audit-client-refused = Client refused
audit-connector-approved = Connector approved
audit-connector-removed = Connector removed

emergency-used = The emergency account { $name } was used. If nobody of you was it, end its sessions with a new access code.
emergency-see = See the audit log
letters-emergency = Emergency accounts
letters-emergency-hint = For the day the company account does not work. Whoever uses one is reported to all administrators.
