//! What a user and a group can say: the core schemas, the enterprise extension, and the extensions of Workplace, which
//! are taken and kept for connectors that send them but not advertised (RFC 7643 sections 4 and 7).

use freehold_proto::directory::v1::ResourceKind;

/// The type of an attribute's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Truth,
    Whole,
    Moment,
    Reference,
    Complex,
}

/// Who may change an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mutability {
    ReadWrite,
    ReadOnly,
    Immutable,
}

/// An attribute of a schema.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) name: &'static str,
    pub(super) form: Form,
    pub(super) several: bool,
    pub(super) required: bool,
    pub(super) case_exact: bool,
    pub(super) unique: bool,
    pub(super) mutability: Mutability,
    /// Values that are usual; others are taken too.
    pub(super) canonical: &'static [&'static str],
    pub(super) references: &'static [&'static str],
    pub(super) parts: &'static [Definition],
    pub(super) about: &'static str,
}

const fn of(name: &'static str, form: Form, about: &'static str) -> Definition {
    Definition {
        name,
        form,
        several: false,
        required: false,
        case_exact: false,
        unique: false,
        mutability: Mutability::ReadWrite,
        canonical: &[],
        references: &[],
        parts: &[],
        about,
    }
}

const fn text(name: &'static str, about: &'static str) -> Definition {
    of(name, Form::Text, about)
}

const fn reference(name: &'static str, references: &'static [&'static str], about: &'static str) -> Definition {
    Definition { case_exact: true, references, ..of(name, Form::Reference, about) }
}

const fn complex(name: &'static str, parts: &'static [Definition], about: &'static str) -> Definition {
    Definition { parts, ..of(name, Form::Complex, about) }
}

const fn list(name: &'static str, parts: &'static [Definition], about: &'static str) -> Definition {
    Definition { several: true, ..complex(name, parts, about) }
}

const fn kinds(canonical: &'static [&'static str]) -> Definition {
    Definition { canonical, ..text("type", "What the value is for.") }
}

const PRIMARY: Definition = of("primary", Form::Truth, "Whether this is the one to use; true at most once.");
const DISPLAY: Definition = text("display", "How the value is shown.");
const VALUE: Definition = text("value", "The value.");
const PLAIN: &[Definition] = &[VALUE, DISPLAY, kinds(&[]), PRIMARY];

static USER: [Definition; 19] = [
    Definition { required: true, unique: true, ..text("userName", "The name by which the user is known; unique.") },
    complex(
        "name",
        &[
            text("formatted", "The whole name."),
            text("familyName", "The family name."),
            text("givenName", "The given name."),
            text("middleName", "The middle name."),
            text("honorificPrefix", "What stands before the name."),
            text("honorificSuffix", "What stands after the name."),
        ],
        "The parts of the name.",
    ),
    text("displayName", "The name that is shown to colleagues."),
    text("nickName", "How colleagues call the user."),
    reference("profileUrl", &["external"], "A page about the user."),
    text("title", "The job title."),
    text("userType", "How the user belongs to the company."),
    text("preferredLanguage", "The language of the user's choice."),
    text("locale", "The place whose habits of writing the user has."),
    text("timezone", "The user's time zone."),
    of("active", Form::Truth, "Whether the user has access."),
    list("emails", &[VALUE, DISPLAY, kinds(&["work", "home", "other"]), PRIMARY], "E-mail addresses."),
    list(
        "phoneNumbers",
        &[VALUE, DISPLAY, kinds(&["work", "home", "mobile", "fax", "pager", "other"]), PRIMARY],
        "Telephone numbers.",
    ),
    list("ims", PLAIN, "Addresses for instant messages."),
    list(
        "photos",
        &[reference("value", &["external"], "Where the picture is."), DISPLAY, kinds(&["photo", "thumbnail"]), PRIMARY],
        "Pictures of the user.",
    ),
    list(
        "addresses",
        &[
            text("formatted", "The whole address."),
            text("streetAddress", "Street and number."),
            text("locality", "The town."),
            text("region", "The state or region."),
            text("postalCode", "The postal code."),
            text("country", "The country."),
            kinds(&["work", "home", "other"]),
            PRIMARY,
        ],
        "Where the user works or lives.",
    ),
    Definition {
        mutability: Mutability::ReadOnly,
        ..list(
            "groups",
            &[
                read_only(text("value", "Id of the group.")),
                read_only(reference("$ref", &["Group"], "Address of the group.")),
                read_only(Definition { canonical: &["direct"], ..text("type", "How the user belongs to it.") }),
            ],
            "Groups that list the user.",
        )
    },
    list("entitlements", PLAIN, "What the user may use."),
    list("roles", PLAIN, "What the user is."),
];

const fn read_only(definition: Definition) -> Definition {
    Definition { mutability: Mutability::ReadOnly, ..definition }
}

const fn immutable(definition: Definition) -> Definition {
    Definition { mutability: Mutability::Immutable, ..definition }
}

static GROUP: [Definition; 2] = [
    Definition { required: true, unique: true, ..text("displayName", "The name of the group; unique.") },
    list(
        "members",
        &[
            immutable(text("value", "Id of the member.")),
            immutable(reference("$ref", &["User", "Group"], "Address of the member.")),
            immutable(Definition { canonical: &["User", "Group"], ..text("type", "What the member is.") }),
        ],
        "Who is in the group.",
    ),
];

static ENTERPRISE: [Definition; 6] = [
    text("employeeNumber", "The number of the employee."),
    text("costCenter", "The cost centre."),
    text("organization", "The organisation."),
    text("division", "The division."),
    text("department", "The department."),
    complex(
        "manager",
        &[
            text("value", "Id of the manager."),
            reference("$ref", &["User"], "Address of the manager."),
            read_only(text("displayName", "Name of the manager.")),
        ],
        "Whom the user reports to.",
    ),
];

static TERM_DATES: [Definition; 2] = [
    of("startDate", Form::Whole, "First day, in seconds since 1970."),
    of("termDate", Form::Whole, "Last day, in seconds since 1970."),
];
static ACCOUNT_STATUS: [Definition; 7] = [
    of("invited", Form::Truth, "Whether the user was invited."),
    of("canDelete", Form::Truth, "Whether the account can be deleted."),
    of("claimed", Form::Truth, "Whether the user came in once."),
    text("inviteDate", "When the user was invited."),
    text("claimDate", "When the user came in first."),
    text("accessCode", "The code to come in with."),
    text("claimLink", "The address to come in at."),
];
static AUTH_METHOD: [Definition; 1] = [text("auth_method", "How the user signs in.")];
static FRONTLINE: [Definition; 1] = [of("is_frontline", Form::Truth, "Whether the user works away from a desk.")];

/// An extension of a schema.
#[derive(Debug)]
pub(super) struct Extension {
    pub(super) urn: &'static str,
    pub(super) name: &'static str,
    /// Names under which older connectors send it.
    aliases: &'static [&'static str],
    pub(super) advertised: bool,
    pub(super) attributes: &'static [Definition],
}

static EXTENSIONS: [Extension; 5] = [
    Extension {
        urn: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        name: "EnterpriseUser",
        aliases: &["urn:scim:schemas:extension:enterprise:1.0"],
        advertised: true,
        attributes: &ENTERPRISE,
    },
    Extension {
        urn: "urn:ietf:params:scim:schemas:extension:facebook:starttermdates:2.0:User",
        name: "StartTermDates",
        aliases: &[
            "urn:scim:schemas:extension:facebook:starttermdates:1.0",
            "urn:ietf:params:scim:schemas:extension:facebook:starttermdates:2.0",
        ],
        advertised: false,
        attributes: &TERM_DATES,
    },
    Extension {
        urn: "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User",
        name: "AccountStatusDetails",
        aliases: &[
            "urn:scim:schemas:extension:facebook:accountstatusdetails:1.0",
            "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0",
        ],
        advertised: false,
        attributes: &ACCOUNT_STATUS,
    },
    Extension {
        urn: "urn:ietf:params:scim:schemas:extension:facebook:authmethod:2.0:User",
        name: "AuthMethod",
        aliases: &[
            "urn:scim:schemas:extension:facebook:auth_method:1.0",
            "urn:ietf:params:scim:schemas:extension:facebook:auth_method:2.0:User",
            "urn:ietf:params:scim:schemas:extension:facebook:auth_method:2.0",
        ],
        advertised: false,
        attributes: &AUTH_METHOD,
    },
    Extension {
        urn: "urn:ietf:params:scim:schemas:extension:facebook:frontline:2.0:User",
        name: "Frontline",
        aliases: &[
            "urn:scim:schemas:extension:facebook:frontline:1.0",
            "urn:ietf:params:scim:schemas:extension:facebook:frontline:2.0",
        ],
        advertised: false,
        attributes: &FRONTLINE,
    },
];

impl Extension {
    /// Every name it goes by.
    pub(super) fn urns(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.urn).chain(self.aliases.iter().copied())
    }

    /// Whether this is one of its names.
    pub(super) fn is(&self, urn: &str) -> bool {
        self.urns().any(|known| known.eq_ignore_ascii_case(urn))
    }
}

/// What can be pushed.
#[derive(Debug)]
pub(super) struct ResourceType {
    pub(super) kind: ResourceKind,
    pub(super) name: &'static str,
    pub(super) endpoint: &'static str,
    pub(super) urn: &'static str,
    pub(super) attributes: &'static [Definition],
    pub(super) extensions: &'static [Extension],
}

/// The core schema's name in SCIM 1.
pub(super) const CORE_1: &str = "urn:scim:schemas:core:1.0";

pub(super) static TYPES: [ResourceType; 2] = [
    ResourceType {
        kind: ResourceKind::User,
        name: "User",
        endpoint: "Users",
        urn: "urn:ietf:params:scim:schemas:core:2.0:User",
        attributes: &USER,
        extensions: &EXTENSIONS,
    },
    ResourceType {
        kind: ResourceKind::Group,
        name: "Group",
        endpoint: "Groups",
        urn: "urn:ietf:params:scim:schemas:core:2.0:Group",
        attributes: &GROUP,
        extensions: &[],
    },
];

/// What every resource has (RFC 7643 section 3.1).
pub(super) static COMMON: [Definition; 3] = [
    read_only(Definition { case_exact: true, ..text("id", "Its id here.") }),
    Definition { case_exact: true, ..text("externalId", "Its id at the IdP.") },
    read_only(complex(
        "meta",
        &[
            Definition { case_exact: true, ..text("resourceType", "What it is.") },
            of("created", Form::Moment, "When it was created."),
            of("lastModified", Form::Moment, "When it was changed last."),
        ],
        "About the resource itself.",
    )),
];

/// The definition of that name, whatever its case.
pub(super) fn named<'a>(definitions: &'a [Definition], name: &str) -> Option<&'a Definition> {
    definitions.iter().find(|definition| definition.name.eq_ignore_ascii_case(name))
}

impl Definition {
    /// The sub-attribute of that name. SCIM 1 had another name for the manager's id.
    pub(super) fn part(&'static self, name: &str) -> Option<&'static Self> {
        let name = if self.name == "manager" && name.eq_ignore_ascii_case("managerId") { "value" } else { name };
        named(self.parts, name)
    }
}
