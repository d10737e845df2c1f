# python3 administer.py SMB_CONF SAM_LDB
# Changes a test's Active Directory as samba-tool does, in the database itself and as SYSTEM, while the server runs.
# In: one JSON list of operations per line, done together or not at all. Out: one JSON answer per line. Ends with its input.
import base64
import json
import sys

import ldb
from samba.auth import system_session
from samba.dcerpc import security
from samba.ndr import ndr_pack, ndr_unpack
from samba.param import LoadParm
from samba.samdb import SamDB

FLAGS = {"add": ldb.FLAG_MOD_ADD, "replace": ldb.FLAG_MOD_REPLACE, "delete": ldb.FLAG_MOD_DELETE}
# Without batch mode every entry of a transaction costs more than the one before.
BATCH_OPERATIONS = 100

parameters = LoadParm()
parameters.load(sys.argv[1])


def opened(options):
    return SamDB(url=sys.argv[2], lp=parameters, session_info=system_session(), options=options)


def values(texts):
    return [base64.b64decode(text) for text in texts]


def add(db, operation):
    attributes = {}
    for name, value in operation["attributes"]:
        attributes.setdefault(name, []).append(base64.b64decode(value))
    db.add({"dn": operation["dn"], **attributes})


def modify(db, operation):
    message = ldb.Message(ldb.Dn(db, operation["dn"]))
    name = operation["attribute"]
    message[name] = ldb.MessageElement(values(operation["values"]), FLAGS[operation["how"]], name)
    db.modify(message)


def rename(db, operation):
    db.rename(ldb.Dn(db, operation["dn"]), ldb.Dn(db, operation["to"]))


def delete(db, operation):
    db.delete(ldb.Dn(db, operation["dn"]), ["tree_delete:1"])


def restore(db, operation):
    message = ldb.Message(ldb.Dn(db, f"<GUID={operation['guid']}>"))
    message["isDeleted"] = ldb.MessageElement([], ldb.FLAG_MOD_DELETE, "isDeleted")
    name = "distinguishedName"
    message[name] = ldb.MessageElement([operation["to"]], ldb.FLAG_MOD_REPLACE, name)
    db.modify(message, ["show_deleted:1"])


def see_deletions(db, operation):
    sid = ndr_unpack(security.dom_sid, db.search(operation["dn"], ldb.SCOPE_BASE, attrs=["objectSid"])[0]["objectSid"][0])
    container = f"CN=Deleted Objects,{db.domain_dn()}"
    name, domain = "nTSecurityDescriptor", security.dom_sid(db.get_domain_sid())
    found = db.search(container, ldb.SCOPE_BASE, attrs=[name], controls=["show_deleted:1"])
    text = ndr_unpack(security.descriptor, found[0][name][0]).as_sddl(domain)
    head = text.index("(")
    wanted = security.descriptor.from_sddl(f"{text[:head]}(A;;RPLC;;;{sid}){text[head:]}", domain)
    message = ldb.Message(ldb.Dn(db, container))
    message[name] = ldb.MessageElement(ndr_pack(wanted), ldb.FLAG_MOD_REPLACE, name)
    db.modify(message, ["show_deleted:1"])


OPERATIONS = {
    "add": add,
    "modify": modify,
    "rename": rename,
    "delete": delete,
    "restore": restore,
    "see_deletions": see_deletions,
}


def found(db, operation):
    scope = ldb.SCOPE_BASE if operation["alone"] else ldb.SCOPE_SUBTREE
    entries = db.search(operation["base"], scope, operation["filter"], attrs=operation["attributes"])
    encode = lambda value: base64.b64encode(bytes(value)).decode()
    read = lambda entry: {name: [encode(value) for value in entry[name]] for name in entry if name != "dn"}
    return [{"dn": str(entry.dn), "attributes": read(entry)} for entry in entries]


def answer(db, operations):
    if isinstance(operations, dict):
        return {"found": found(db, operations)}
    bulk = len(operations) > BATCH_OPERATIONS
    db = opened(["batch_mode:1"]) if bulk else db
    db.transaction_start()
    try:
        for done, operation in enumerate(operations):
            try:
                OPERATIONS[operation["do"]](db, operation)
            except (ldb.LdbError, ValueError) as error:
                return {"error": f"{operation['do']} {operation.get('dn', '')}: {error}"}
            if bulk and done % 1000 == 999:
                db.transaction_commit()
                db.transaction_start()
        db.transaction_commit()
        return {}
    except ldb.LdbError as error:
        return {"error": str(error)}


database = opened([])
for line in sys.stdin:
    said = answer(database, json.loads(line))
    if "error" in said:
        try:
            database.transaction_cancel()
        except ldb.LdbError:
            pass  # it was a bulk load's own, or is over
    print(json.dumps(said), flush=True)
