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
sign-in-code-title = Or use an access code
sign-in-code = Your access code
sign-in-code-hint = 16 letters and digits from your letter. Small or big letters, with or without hyphens.
sign-in-code-button = Sign in with this code
sign-in-no-email = You need no e-mail address and no phone number.
sign-in-closed-title = No way in yet
sign-in-closed-text = Your company has not set up sign-in. Ask your IT department.
signed-out-title = Signed out
signed-out-text = You have signed out of Freehold on this device. Your company account is still signed in here. On a shared device, sign out of it, too.
signed-out-at-idp = Sign out of my company account
signed-out-again = Sign in again
sign-in-refused = That did not let you in. Try again, or ask your IT department.
code-refused = This code does not work. It may be mistyped, already used or too old. Check it, or ask for a new one.
too-many-tries = Too many tries. Wait a little, then try again.

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
session-by-code = With an access code
session-by-connection = With { $name }
session-used = Last used
session-since = Signed in
session-current = This one
session-end = End

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
