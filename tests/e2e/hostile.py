#!/usr/bin/python3
"""Every fault of the hostile server alone: a small share goes out under it and comes back elsewhere.

    hostile.py WORK [NAME]...      only rows whose name holds one of these words; JOBS (2) at a time

Each row: a script (tests/hostile/README.md) that holds while the share goes out and while a second process with an
empty state, given the link alone, restores it. Then everything is identical, or, where the fault makes that
impossible, there is a sentence and an exit code that fit, and nothing wrong is on the disk; and when the faults are
over, sharing again and restoring works all the same. A rule that never struck is a failure of the row.
"""
import concurrent.futures
import dataclasses
import os
import shutil
import sys
import time
import traceback

from hostile_forge import BY_DAY, BY_VERSION, Forger, today
from hostile_rig import Failure, Hostile, Trial, make_tree, need
from hostile_tls import Road, certificates

SEED = int(os.environ.get("SEED", "1"))
LOGIN = ("--user", "joe", "--password", "secret")


@dataclasses.dataclass
class Row:
    name: str
    script: str
    share: int = 0           # the exit code of the share under the script ...
    get: int = 0             # ... and of the restore; the share is sent again without faults where it failed
    says: str = ""           # words of the one that fails
    between: object = None   # function(trial): what happens between share and restore
    login: bool = False      # the server wants one
    idle: tuple = ()         # rules (by place) that need not strike
    lasting: bool = False    # what was lost stays lost
    own_tree: bool = False   # the share is changed
    tls: str = ""            # "good", or what is wrong with it (hostile_tls.py)
    check: object = None     # function(trial, struck): what else must be so


def one_too_many(trial):
    need(Forger(trial).mark("lose", "data", count=7) == 7, "there are not that many")


def forged_parity(trial):
    forger = Forger(trial)
    forger.mark("lose", "data", count=3)
    forger.forge_parity(3)


def forged_too_much(trial):
    forger = Forger(trial)
    forger.mark("lose", "data", count=3)
    forger.forge_parity(4)


def exchanged_heads(trial):
    """The genuine head in places that are not its own."""
    forger = Forger(trial)
    payload = forger.payload(BY_VERSION, 1)
    forger.put_heads(BY_VERSION, 2, range(3), payload)
    forger.put_heads(BY_VERSION, 64, range(3), payload)
    forger.put_heads(BY_DAY, today() + 1, range(3), payload)


def change_tree(trial):
    with open(os.path.join(trial.source, "changed"), "wb") as file:
        file.write(os.urandom(900_000))


def next_version(trial):
    """Share again what has changed, with everything as it now is."""
    change_tree(trial)
    expect("the second share", trial.share(), 0, "")
    need(Forger(trial).share.look(BY_VERSION, 1) is not None, "version 1 is gone")


def squatted(slots, body):
    def between(trial):
        Forger(trial).squat(BY_VERSION, 2, slots, body)
        next_version(trial)

    return between


def keep_before(trial):
    """A copy of the tree as it is shared now."""
    before = os.path.join(trial.work, "before")
    trial.targets.append("before")
    shutil.copytree(trial.source, before, symlinks=True)
    return before


def squatted_all(trial):
    """The next version cannot be published, and that is told; the one before stays."""
    before = keep_before(trial)
    Forger(trial).squat(BY_VERSION, 2, range(64), b"nonsense\r\n")
    change_tree(trial)
    expect("the second share", trial.share(), 3, "only somebody who has the link could put it there")
    trial.source = before


def hidden_head(trial):
    """Somebody new can be shown the version before; that it is whole is what can be promised. Who has seen the newest
    is not led back."""
    before = keep_before(trial)
    next_version(trial)
    follower = trial.box("follower")
    trial.add_server(follower)
    expect("get by who will remember", trial.get(box=follower), 0, "")
    forger = Forger(trial)
    for slot in range(64):
        ident = forger.reader.head_id(BY_VERSION, 2, slot)
        if ident in forger.kept:
            trial.server.mark(ident, "lose")
    expect("get by who remembers", trial.get(box=follower), 3, "it was version 2; the newest there now is 1")
    trial.source = before


def blocked(trial):
    forger = Forger(trial)
    forger.squat(BY_VERSION, 1, range(64), b"nonsense\r\n")
    forger.squat(BY_DAY, today(), range(64), b"nonsense\r\n")


def heard_nothing(trial, struck):
    need(dict(struck)["user then"] == 0, "a user name went to a server that is not known to be the right one")


HUGE = b"rubbish rubbish rubbish rubbish rubbish rubbish\r\n" * 60_000
GREETED = "user then count=1 : 281 in"

ROWS = [
    Row("no fault", ""),
    # the connection breaks
    Row("drop before 340", "post drop every=3"),
    Row("drop in the body", "taking drop after=200000 every=3"),
    Row("drop at the body's first byte", "taking drop after=1 every=3"),
    Row("drop after the body, not kept", "taken drop every=3"),
    Row("drop after the body, kept", "kept drop every=3"),
    Row("drop at the greeting", "greeting drop every=2"),
    Row("drop in an answer", "stat drop after=9 every=5\nbody drop after=9 every=5"),
    Row("drop in a body that is fetched", "body drop after=300000 every=3"),
    # accepted is not confirmed
    Row("240, then lost", "kept lose every=5"),
    Row("240, then lost, all of the first", "kept lose count=9"),
    Row("240, never kept", "taken say every=5 : 240 received"),
    Row("240, and nothing is ever kept", "taken say : 240 received", share=4, says="does not show articles that it accepted"),
    Row("visible after a while", "kept hide ms=700 every=3"),
    Row("visible too late", "kept hide ms=60000 every=6"),
    Row("polled too early", "kept sulk ms=500"),
    # what is said to an article
    Row("duplicate of a fresh id", "taken say every=5 : 441 435 Duplicate"),
    Row("duplicate: already exists", "kept drop every=3\nagain say : 441 Article already exists"),
    Row("duplicate: not unique", "kept drop every=3\nagain say : 441 Message-ID not unique"),
    Row("duplicate: 435 alone", "kept drop every=3\nagain say : 435"),
    Row("another id", "kept rename every=4"),
    Row("another id, all of them", "kept rename", share=4, says="changes Message-IDs"),
    Row("ids case-folded", "kept fold"),
    Row("ids case-folded when asked", "stat fold\nbody fold"),
    Row("opaque 441", "taken say every=3 : 441 refused E3"),
    Row("opaque 441, four times in a row", "taken say count=4 : 441 refused E3"),
    Row("opaque 441 for ever", "taken say : 441 refused E3", share=4, says="refused E3"),
    Row("too old", "taken say every=4 : 441 437 TooOld"),
    Row("436 later", "taken say every=4 : 441 436 try again later"),
    Row("440 retry later", "post say every=3 : 440 Retry later"),
    Row("440 for ever", "post say : 440 Posting not permitted", share=4, says="not permitted"),
    Row("answer while the article comes", "taking say after=100000 every=4 : 441 436 try again later"),
    # logins and limits
    Row("480 in mid-session", "post say every=4 : 480 log in\nstat say every=4 : 480 log in\n"
        "body say every=4 : 480 log in", login=True),
    Row("481 too many connections", "pass bye over=2 : 481 Too many connections", login=True),
    Row("482 too many connections", "pass bye over=2 : 482 too many connections for user", login=True),
    Row("502 too many connections", "greeting bye over=2 : 502 Too many connections"),
    Row("400 too many connections", "greeting bye over=2 : 400 connection limit reached"),
    Row("502 too many in mid-session", "post bye over=2 every=3 : 502 Too many connections"),
    Row("quota", "post say : 502 Byte quota exceeded", share=4, says="quota"),
    Row("quota for a while", "post say skip=7 count=1 : 502 Byte quota exceeded", share=4, says="quota"),
    Row("wrong password", "pass say : 481 wrong password", share=4, says="481 wrong password", login=True),
    # the session ends, or pauses
    Row("400 idle", "post bye every=4 : 400 idle timeout\nstat bye every=6 : 400 idle timeout\n"
        "body bye every=6 : 400 idle timeout"),
    Row("400 behind an answer", "kept then every=3 : 400 goodbye"),
    Row("500 max connect time", "post bye every=4 : 500 Max connect time exceeded\n"
        "body bye every=6 : 500 Max connect time exceeded"),
    Row("503", "stat say every=5 : 503 program fault\nbody say every=5 : 503 program fault\n"
        "post say every=5 : 503 program fault"),
    Row("403", "stat say every=5 : 403 internal fault\nbody say every=5 : 403 internal fault\n"
        "post say every=5 : 403 internal fault"),
    Row("201 greeting", "greeting say : 201 no posting\nmode say : 201 no posting"),
    # silence
    Row("stall: greeting", "greeting stall count=1"),
    Row("stall: MODE READER", "mode stall count=1"),
    Row("stall: user", "user stall count=1", login=True),
    Row("stall: password", "pass stall count=1", login=True),
    Row("stall: before 340", "post stall skip=3 count=2"),
    Row("stall: in the article", "taking stall after=100000 skip=3 count=2"),
    Row("stall: before 240", "kept stall skip=3 count=2"),
    Row("stall: before 240, not kept", "taken stall skip=3 count=2"),
    Row("stall: STAT", "stat stall skip=3 count=1"),
    Row("stall: BODY", "body stall skip=3 count=2"),
    Row("stall: in an answer", "stat stall after=5 skip=3 count=1"),
    Row("stall: in a body", "body stall after=200000 skip=70 count=2"),
    Row("byte by byte: greeting", "greeting drip n=1 ms=20 count=2"),
    Row("byte by byte: answers", "post drip n=1 ms=5 every=3\nstat drip n=1 ms=5 every=3\nkept drip n=1 ms=5 every=3"),
    Row("byte by byte: a body", "body drip n=1 after=1000 ms=200 skip=70 count=2"),
    # what is not NNTP
    Row("a line nobody asked for, before STAT's", "stat first every=5 : 205 what"),
    Row("a line nobody asked for, behind STAT's", "stat then every=5 : 223 0 <x@y.example>"),
    Row("a line nobody asked for, behind 340", "post then every=4 : 240 received"),
    Row("a line nobody asked for, behind 240", "kept then every=4 : 222 0 <x@y.example>"),
    Row("a line without end", "stat line n=65536 skip=3 count=1\nbody line n=65536 skip=3 count=1\n"
        "post line n=65536 skip=3 count=1\nkept line n=65536 skip=3 count=1"),
    Row("a greeting without end", "greeting line n=65536 count=1"),
    Row("NUL and 8-bit", "greeting junk\nmode junk\nstat junk\nbody junk\npost junk\nkept junk"),
    Row("a code that is none", "stat say every=5 : 999 ?\npost say every=5 : 000 ?\nkept say every=5 : 24 ?"),
    # lies about articles
    Row("STAT yes, BODY no", "kept stat-only every=6"),
    Row("STAT yes, BODY no, now and then", "body lose every=4"),
    Row("STAT no, BODY yes", "kept body-only every=4"),
    Row("STAT no, now and then", "stat lose every=3"),
    Row("223 no such article", "stat say every=4 : 223 No such article"),
    Row("another article's body, kept", "kept swap every=6"),
    Row("another article's body, sent", "body swap every=4"),
    Row("flipped bit, kept", "kept flip every=6"),
    Row("flipped bit, sent", "body flip every=4"),
    Row("flipped bit, CRC right, kept", "kept forge every=6"),
    Row("flipped bit, CRC right, sent", "body forge every=4"),
    Row("cut short, the CRC of the whole", "kept short every=6"),
    Row("cut short, CRC right", "kept short n=5000 every=6"),
    Row("cut short when sent", "body short every=4"),
    Row("a dot too few", "kept undot"),
    Row("a dot too many", "kept redot every=6"),
    Row("a body of 1 GB, sent", "body huge n=1000000000 every=6"),
    Row("a body of 1 GB, kept", "kept huge n=1000000000 every=6"),
    Row("451", "kept gone every=6"),
    Row("451, now and then", "body gone every=4\nstat gone every=4"),
    # what is lost when all was well once
    Row("one article lost", "", between=lambda t: t.server.order("BURST 1")),
    Row("a burst of 5 lost", "", between=lambda t: t.server.order("BURST 5 3")),
    Row("5,000 lost: everything", "", between=lambda t: t.server.order("BURST 5000"), get=3,
        says="no share was found", lasting=True),
    Row("as much lost as parity makes good", "", between=lambda t: Forger(t).mark("lose", "data", count=6)),
    Row("one more lost", "", between=one_too_many, get=6, says="are gone", lasting=True),
    Row("takedown of a volume", "", between=lambda t: Forger(t).mark("gone", "data", "parity"), get=6,
        says="are gone", lasting=True),
    Row("takedown of all heads", "", between=lambda t: Forger(t).mark("gone", "head"), get=3,
        says="no share was found", lasting=True),
    Row("takedown of all heads but one", "", between=lambda t: Forger(t).mark("gone", "head", count=5)),
    # what others put there
    Row("data forged under the read key", "", between=lambda t: Forger(t).forge_data(4)),
    Row("parity forged, data lost", "", between=forged_parity),
    Row("more parity forged than is to spare", "", between=forged_too_much, get=6, says="are gone", lasting=True),
    Row("the next head forged", "", between=lambda t: Forger(t).forge_next_head()),
    Row("heads in each other's places", "", between=exchanged_heads),
    Row("the next version's slots squatted", "", between=squatted(range(3), b"nonsense\r\n"), own_tree=True),
    Row("squatted with what has no end", "", between=squatted(range(3), HUGE), own_tree=True),
    Row("squatted: 61 of 64 slots", "", between=squatted(range(61), b"nonsense\r\n"), own_tree=True),
    Row("squatted: all slots", "", between=squatted_all, own_tree=True),
    Row("the newest head hidden", "", between=hidden_head, own_tree=True),
    Row("all slots of the first version and of today hold something else", "", between=blocked, get=3,
        says="this link is blocked", lasting=True),
    # encryption
    Row("TLS", "", tls="good", login=True),
    Row("TLS, cut in an article", "taking drop after=300000 every=3", tls="good"),
    Row("TLS, cut in a body", "body drop after=300000 every=3", tls="good"),
    Row("TLS, cut in an answer", "stat drop after=9 every=5\nkept drop after=9 every=5", tls="good"),
    Row("TLS: the certificate is another's", GREETED, tls="other name", login=True, share=4,
        says="certificate", check=heard_nothing),
    Row("TLS: nobody vouches for the certificate", GREETED, tls="unknown", login=True, share=4,
        says="certificate", check=heard_nothing),
    Row("TLS: the certificate has expired", GREETED, tls="expired", login=True, share=4, says="certificate",
        check=heard_nothing),
    Row("TLS: only 1.1", GREETED, tls="1.1", login=True, share=4, says="encrypted", check=heard_nothing),
    Row("TLS: none at all", GREETED, tls="plain", login=True, share=4, says="encrypted", check=heard_nothing),
]


def trial_of(row, work, source):
    folder = os.path.join(work, row.name.replace("/", " "))
    options = LOGIN if row.login else ()
    server = Hostile(SEED, *options, *(certificates(work, row.tls) if row.tls else ()))
    trial = Trial(folder, source, server)
    if row.tls:
        trial.options += ("--tls", "--tls-ca", os.path.join(work, "ca.pem"))
    if row.tls in ("1.1", "plain"):
        trial.port = Road(work, row.tls, server.port).port
    if row.login:
        path = os.path.join(trial.sender.state, "secret")
        with open(path, "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write("secret\n")
        trial.options += ("--user", "joe", "--password-file", path)
    if row.own_tree:
        trial.source = os.path.join(folder, "source")
        trial.targets.append("source")
        shutil.copytree(source, trial.source, symlinks=True)
    return trial


def expect(what, found, code, says):
    need(found[0] == code, f"{what} ended with {found[0]}, not {code}: {found[1][-400:]}")
    need(code == 0 or says in found[1], f"{what} does not say {says!r} but {found[1][-400:]!r}")


def judge_strikes(row, trial, struck):
    if row.check:
        row.check(trial, struck)
        return
    for place, (rule, count) in enumerate(struck):
        need(count > 0 or place in row.idle, f"the rule `{rule}` never struck")


def share_again(trial):
    """Without faults. A server that was left alone for what it said is asked again after a while."""
    end = time.monotonic() + 20
    while (found := trial.share())[0] == 4 and time.monotonic() < end:
        time.sleep(0.5)
    expect("share without faults", found, 0, "")


def play(row, trial):
    trial.server.script(row.script)
    expect("share", trial.share(), row.share, row.says)
    struck = trial.server.strikes()
    if row.share != 0:
        judge_strikes(row, trial, struck)
        if row.tls:  # what is wrong with it cannot be changed
            return trial.judge(), struck
        trial.server.script("")
        share_again(trial)
    elif row.between:
        row.between(trial)
    trial.sender.stop()  # its connections count, too
    expect("get", trial.get(), row.get, row.says)
    if row.share == 0:
        struck = trial.server.strikes()
        judge_strikes(row, trial, struck)
    trial.server.script("")
    if row.get != 0 and not row.lasting:
        expect("get without faults", trial.get(), 0, "")
    figures, strikes = trial.judge(), sum(count for _, count in struck)
    need(figures["again"] <= strikes, f"{figures['again']} articles were posted again for {strikes} strikes")
    return figures, struck


def run(row, work, source):
    started = time.monotonic()
    trial = trial_of(row, work, source)
    try:
        figures, struck = play(row, trial)
        words = f"posts {figures['posts']}, again {figures['again']}; struck {[count for _, count in struck]}"
        problem = None
    except Failure as failure:
        problem, words = str(failure), ""
    except Exception:  # of the rig itself
        problem, words = traceback.format_exc(), ""
    if problem is None or not os.environ.get("KEEP"):
        trial.close()
    else:
        trial.stop()
    return row, problem, words, time.monotonic() - started


def main(args):
    work, words = args[0], args[1:]
    source = os.path.join(work, "source")
    make_tree(source)
    rows = [row for row in ROWS if not words or any(word in row.name for word in words)]
    need(rows, "no such row")
    bad = []
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", "2"))) as pool:
        for row, problem, words, seconds in pool.map(lambda row: run(row, work, source), rows):
            print(f"{'FAILED' if problem else '    ok'} {seconds:5.1f} s  {row.name}: {problem or words}", flush=True)
            bad += [row.name] if problem else []
    print(f"{len(rows)} faults, {len(bad)} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
