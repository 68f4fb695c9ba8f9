// Runs a list of jobs against the module and writes the answers. The module itself takes no randomness and no
// toy group from outside; this test entry is made here, from its source with further exports behind it.
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, entry] = process.argv.slice(2);
const inner = {
  "evote-core.js": ["PUBLISHED", "H", "tagged", "ModP", "Curve", "signingKey", "signingKeyByHand", "power", "SYSTEM", "sha256", "pack", "unpack",
    "verify", "big", "bytesOf"],
  "evote-client.js": ["readManifest", "interpret", "contextIdentifier", "encryptWith", "noncePad", "dataPad", "seedOf",
    "pseudonymOf", "openingOf", "contestsOf", "submittedOf", "sealPending", "openPending", "unitOf"],
};
const m = {};
for (const [name, wanted] of Object.entries(inner)) {
  const text = readFileSync(`${folder}/${name}`, "utf8");
  const missing = wanted.filter((each) => !new RegExp(`^export (async )?(function|const|class) ${each}\\b`, "m").test(text));
  writeFileSync(`${entry}/${name}`, `${text}\nexport { ${missing.join(", ")} };\n`);
}
for (const name of Object.keys(inner)) Object.assign(m, await import(pathToFileURL(`${entry}/${name}`).href));
const { hex, unhex, big, bytesOf, pack, unpack } = m;

class Scripted { // gives the drawn values back in their order
  constructor(values) { this.values = values; }
  token(size) {
    const found = unhex(this.values.shift());
    if (found.length !== size) throw new Error(`${size} bytes are drawn where ${found.length} are given`);
    return found;
  }
  below(bound) {
    const found = BigInt("0x" + this.values.shift());
    if (found >= bound) throw new Error("a number is too large");
    return found;
  }
}
const groups = new Map();
function groupOf({ name, p, q, g }) {
  if (!groups.has(name)) {
    groups.set(name, name === "p256" ? new m.Curve() : new m.ModP(BigInt("0x" + p), BigInt("0x" + q), BigInt("0x" + g)));
  }
  return groups.get(name);
}
function electionOf({ group: stated, manifest, he, vote_key: vote, data_key: data }) {
  const group = groupOf(stated);
  return {
    group, manifest: m.readManifest(new TextEncoder().encode(manifest)), he: unhex(he), groupName: stated.name,
    voteKey: group.decode(unhex(vote)), dataKey: group.decode(unhex(data)), tables: null,
  };
}
const choicesOf = ({ unit, style, contests }) => ({
  unit, style, contests: Object.fromEntries(Object.entries(contests).map(([label, { marks, write_ins: writeIns }]) =>
    [label, { marks, writeIns }])),
});
const known = new Map();
function elected(job) {
  const key = JSON.stringify(job.election);
  if (!known.has(key)) known.set(key, electionOf(job.election));
  return known.get(key);
}
const ops = {
  hash: ({ key, domain, fields }) => hex(m.H(unhex(key), domain, ...fields.map(unhex))),
  tagged: ({ tag, fields }) => hex(m.tagged(tag, ...fields.map(unhex))),
  sha256: ({ data }) => hex(m.sha256(unhex(data))),
  context: ({ extended_hash: he, unit, style, pseudonym, randomness }) =>
    hex(m.contextIdentifier(unhex(he), unit, style, pseudonym && unhex(pseudonym), unhex(randomness))),
  stream: ({ use, key, contest, blocks }) =>
    hex(use === "ballot_nonce" ? m.noncePad(unhex(key)) : m.dataPad(unhex(key), contest, blocks)),
  repack: ({ data }) => hex(pack(unpack(unhex(data)))),
  element: ({ group, data }) => { const own = groupOf(group); return hex(own.encode(own.decode(unhex(data)))); },
  scalar: ({ group, digest }) => groupOf(group).scalar(unhex(digest)).toString(16),
  power: ({ group, base, exponent, window }) => {
    const own = groupOf(group);
    return hex(own.encode(own.power(own.table(own.decode(unhex(base)), window), BigInt("0x" + exponent))));
  },
  plaintext: ({ manifest, input }) => {
    const model = m.readManifest(new TextEncoder().encode(manifest)), { unit, style, contests } = choicesOf(input);
    const place = m.unitOf({ manifest: model }, unit);
    if (!place.styles.includes(style)) throw new m.ElectionError("unknown-choice", style);
    const listed = m.contestsOf({ manifest: model }, model.styles.find((each) => each.label === style));
    for (const label of Object.keys(contests)) {
      if (!listed.some((each) => each.label === label)) throw new m.ElectionError("unknown-choice", label);
    }
    return listed.map((contest) => {
      if (!contests[contest.label]) throw new m.ElectionError("unknown-choice", contest.label);
      const { values, record } = m.interpret(contest, contests[contest.label]);
      return { contest: contest.label, values, record: record && hex(record) };
    });
  },
  encrypt: (job) => {
    const election = elected(job), random = new Scripted([...job.random]);
    const device = { information: job.device, secret: unhex(job.device_secret), codes: job.codes.map(unhex) };
    const pseudonym = job.pseudonym && unhex(job.pseudonym);
    const pending = m.encryptWith(election, choicesOf(job), pseudonym, () => {}, random, device);
    if (random.values.length) throw new Error("random values are left over");
    const opening = election.manifest.chaining ? null : m.openingOf(election, pending);
    return { ballot: hex(pack(pending.ballot)), hint: hex(pending.hint), context: hex(pending.context.randomness), opening };
  },
  make: (job) => { // with randomness of its own
    const election = elected(job);
    const pending = m.encryptBallot(election, choicesOf(job), job.pseudonym && unhex(job.pseudonym));
    return {
      submitted: hex(pack(m.submittedOf({ ...pending, decision: "cast" }))), hint: hex(pending.hint),
      nonce: hex(pending.nonce), opening: m.openingOf(election, pending), code: hex(pending.ballot.confirmation_code),
    };
  },
  inspect: (job) => m.inspectOpening(elected(job), job.letters, job.code, job.pseudonym && unhex(job.pseudonym)),
  code: ({ text }) => { const { part, bits } = m.readCode(text); return { part, bits: hex(bits) }; },
  key: async ({ part, bits, salt, iterations }) => {
    const seed = await m.seedOf({ part, bits: unhex(bits) }, unhex(salt), iterations);
    const [fast, slow] = [await m.signingKey(seed), await m.signingKeyByHand(seed)], message = new TextEncoder().encode("x");
    if (hex(await fast.sign(message)) !== hex(await slow.sign(message))) throw new Error("two signatures of one key");
    if (hex(fast.encoded) !== hex(slow.encoded)) throw new Error("two keys of one seed");
    return hex(fast.encoded);
  },
  pseudonym: ({ salt, keys }) => hex(m.pseudonymOf(unhex(salt), keys.map(unhex))),
  verify: ({ key, message, signature }) => m.verify(unhex(key), unhex(message), unhex(signature)),
  leaf: ({ fingerprint, origin, challenged, unit, style, voter, ballot, previous }) =>
    hex(m.leafOf({ he: unhex(fingerprint) }, origin, {
      challenged, unit, style, voter: unhex(voter), ballot: unhex(ballot), previous: unhex(previous) })),
  accept: async ({ manifest, fingerprint, own, answer, now }) => {
    const election = { he: unhex(fingerprint), manifest: m.readManifest(new TextEncoder().encode(manifest)) };
    return m.acceptAdmission(election, m.readReceipt(own).about, unhex(answer), m.secondsOf(now));
  },
  letters: ({ manifest, fingerprint, receipt }) => m.receiptLetters(
    { he: unhex(fingerprint), manifest: m.readManifest(new TextEncoder().encode(manifest)) }, receipt),
  check: async ({ manifest, fingerprint, receipt, at, checkpoints }) => {
    const election = { he: unhex(fingerprint), manifest: m.readManifest(new TextEncoder().encode(manifest)) };
    const now = at === null ? null : m.secondsOf(at), found = await m.checkReceipt(election, receipt, { now, heads: checkpoints });
    const moment = (seconds) => (seconds === null || seconds === undefined ? null : m.momentOf(seconds));
    return { ...found, due: moment(found.due), witnessed: moment(found.witnessed) };
  },
  consistency: ({ old_size: size, old_root: root, path, new_size: newSize, new_root: newRoot }) => {
    m.checkConsistency({ size, root: unhex(root) }, path.map(unhex), { size: newSize, root: unhex(newRoot), origin: "a log" });
    return true;
  },
  load: ({ files, fingerprint, toys = {} }) => {
    for (const [name, { p, g, q }] of Object.entries(toys)) m.PUBLISHED[name] = [p, g, BigInt("0x" + q)];
    const election = m.loadElection(Object.fromEntries(Object.entries(files).map(([name, data]) => [name, unhex(data)])), fingerprint);
    return { he: hex(election.he), units: election.manifest.units.map((each) => each.path) };
  },
  session: async ({ address, toys = {}, now, tries = 3, steps }) => { // one device after the other
    for (const [name, { p, g, q }] of Object.entries(toys)) m.PUBLISHED[name] = [p, g, BigInt("0x" + q)];
    const found = [], at = { now };
    let session = new m.Session({ address, now: () => at.now, tries }), kept = null;
    for (const [method, ...args] of steps) {
      try {
        let value = true;
        if (method === "another") session = new m.Session({ address, now: () => at.now, tries });
        else if (method === "clock") at.now = args[0];
        else if (method === "reload") { // a new page, the same kept ballot
          const { election, holder } = session;
          session = Object.assign(new m.Session({ address, now: () => at.now, tries }), { election, holder });
          value = await session.unseal(kept);
        } else if (method === "inspect-own") value = await session.inspect(await session.opening(), ...args);
        else if (method === "check-own") value = await session.check(session.receipt.text, ...args);
        else value = await session[method](...args.map((arg) => (arg?.hex ? unhex(arg.hex) : arg)));
        if (value instanceof Uint8Array) { kept = value; value = hex(value); }
        found.push({ value });
      } catch (error) {
        if (!error.code) throw error;
        found.push({ error: error.code, message: error.message });
      }
    }
    return found;
  },
  seal: async (job) => {
    const election = elected(job), holder = { sealing: unhex(job.sealing) };
    const pending = m.encryptBallot(election, choicesOf(job), null), sealed = await m.sealPending(election, pending, holder);
    const back = await m.openPending(election, sealed, holder);
    const other = await m.openPending(election, sealed, { sealing: unhex(job.other) }).then(() => "opened", (error) => error.code);
    const cast = m.decide(pending, "cast");
    let twice = "decided twice";
    try { m.decide(cast, "challenged"); } catch (error) { twice = error.code; }
    const found = hex(pack(pending));
    return { whole: hex(pack(back)) === found, other, twice, forgotten: cast.nonce === null, hidden: !hex(sealed).includes(hex(pending.nonce)) };
  },
  time: (job) => {
    const election = elected(job), begin = performance.now();
    m.buildTables(election);
    const built = performance.now(), pending = m.encryptBallot(election, choicesOf(job), null), end = performance.now();
    return { tables: (built - begin) / 1000, encrypt: (end - built) / 1000, size: pack(pending.ballot).length, hint: pending.hint.length };
  },
};
const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  const job = JSON.parse(line);
  let answer;
  try {
    answer = { value: await ops[job.op](job) };
  } catch (error) {
    answer = { error: error.code ?? error.stack };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
