"""The fixed words and the style of the page; see :mod:`evote.report.html`."""

from __future__ import annotations

from evote.report.status import Status, Verdict

VERDICT_WORDS = {
    Verdict.PASS: "PASS – everything that was checked holds",
    Verdict.FAIL: "FAIL – the record is not right",
    Verdict.INCOMPLETE: "INCOMPLETE – nothing false was found, but not everything could be checked",
}

CLAIMS = {
    Verdict.PASS: (
        "The published record was verified from its files alone: the keys, every ballot, the sums, the "
        "decryptions and the result fit together."
    ),
    Verdict.FAIL: (
        "At least one statement of the record is false, or something that must be there is missing. What "
        "it is, and where, stands below; one failed check can mean one wrong ballot or a wrong result."
    ),
    Verdict.INCOMPLETE: (
        "No statement was found to be false. Some could not be looked at; the reasons stand below. A "
        "record is verified only when nothing is left out."
    ),
}

STAGE_CLAIMS = {
    "setup": (
        "The parameters, the manifest and the keys fit together. Nothing was checked that comes after the "
        "keys: no ballot and no result."
    ),
    "voting": (
        "The parameters, the manifest, the keys and the ballots published so far fit together. Voting "
        "goes on: no sum and no result was checked."
    ),
}
"""What a PASS means for a record that was checked up to an earlier stage."""

STATUS_WORDS = {
    Status.PASS: "passed",
    Status.FAIL: "FAILED",
    Status.NOT_CHECKED: "not checked",
    Status.NOT_APPLICABLE: "does not apply",
}

FAMILIES = {
    "1": "The parameters are the published ones, and the hashes cover them and the manifest",
    "2": "Every guardian knows the secret behind its keys",
    "3": "The joint keys come from all guardians",
    "4": "The election's fingerprint covers the keys",
    "5": "No ballot occurs twice",
    "6": "Every encrypted selection holds an allowed value",
    "7": "No ballot has more votes in a contest than allowed",
    "8": "Confirmation codes are right, and the devices' chains are unbroken",
    "9": "The encrypted sums are those of the ballots",
    "10": "The sums were decrypted correctly",
    "11": "The result has all contests and options, and no others",
    "12": "Contest data was decrypted correctly",
    "13": "Challenged ballots were encrypted correctly",
    "14": "Challenged ballots hold allowed votes",
    "15": "Pre-encrypted ballots: chosen vectors",
    "16": "Pre-encrypted ballots: codes",
    "17": "Pre-encrypted ballots: short codes",
    "18": "Uncast pre-encrypted ballots: encryptions",
    "19": "Uncast pre-encrypted ballots: contents",
    "E": "Further checks, beyond the specification",
}

NOT_PROVEN = (
    "That every voter found their confirmation code among the ballots. A ballot that was never recorded "
    "leaves no trace in the record; a voter who misses theirs must say so.",
    "That only people with the right to vote voted, and each of them once. The record shows ballots, not "
    "people.",
    "That everybody is shown the same record. Compare the digest with others.",
    "That nobody learned a vote by other means: from the device that encrypted it, over a shoulder, or "
    "from a part of the result in which all votes were equal.",
)

STYLE = """
:root{--ink:#1c2430;--soft:#5b6675;--line:#d9dee5;--paper:#fff;--good:#1f6f43;--bad:#a8201a;--open:#8a5a00}
*{box-sizing:border-box}
body{margin:0 auto;max-width:58rem;padding:1.5rem;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1{font-size:1.9rem;line-height:1.2;margin:.1rem 0 1rem}
h2{font-size:1.3rem;margin:0 0 .6rem}
h3{font-size:1.08rem;margin:1.4rem 0 .3rem}
h4{font-size:1rem;margin:1.1rem 0 .2rem}
section{margin:2rem 0}
p{margin:.4rem 0}
.kind,.units,.note{color:var(--soft)}
.kind{margin:0;letter-spacing:.06em;text-transform:uppercase;font-size:.8rem}
.note{display:block;font-size:.85rem}
.rehearsal{background:#fff3cd;border:3px double #8a5a00;color:#4d3300;padding:.8rem 1rem;
margin-bottom:1.5rem;text-align:center}
.rehearsal strong{display:block;font-size:1.5rem;letter-spacing:.3em}
.verdict{border-left:.5rem solid;padding:1rem 1.2rem;border-radius:.3rem}
.verdict.pass{border-color:var(--good);background:#eaf5ee}
.verdict.fail{border-color:var(--bad);background:#fbeceb}
.verdict.incomplete{border-color:var(--open);background:#fdf4e1}
.caution{color:var(--bad);font-weight:600}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th,td{text-align:left;vertical-align:top;padding:.28rem .5rem;border-bottom:1px solid var(--line)}
thead th{border-bottom:2px solid var(--ink)}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.counts th{font-weight:500;width:40%}
.counts .graph{width:30%}
.bar{background:#4a76a8;height:.8rem;margin-top:.3rem;border-radius:.1rem;min-width:1px}
.extra th,.extra td{color:var(--soft);font-style:italic}
.counts thead th{width:auto;font-weight:600;font-style:normal}
.checks tr.family td{font-weight:600;border-top:1px solid var(--soft)}
.checks tr.pass td:last-child{color:var(--good)}
.checks tr.fail td:last-child{color:var(--bad);font-weight:700}
.checks tr.not_checked td:last-child{color:var(--open);font-weight:600}
.checks tr.not_applicable td{color:var(--soft)}
code{font:.85em ui-monospace,"Cascadia Mono",Menlo,Consolas,monospace;overflow-wrap:anywhere}
dt{font-weight:600;margin-top:.5rem}
dd{margin:0}
li{margin:.35rem 0}
summary{cursor:pointer;color:var(--soft)}
@media print{body{max-width:none;padding:0;font-size:10pt}section{break-inside:auto}
h2,h3,h4{break-after:avoid}tr{break-inside:avoid}.bar{print-color-adjust:exact}
.verdict,.rehearsal{print-color-adjust:exact;break-inside:avoid}}
""".strip()
