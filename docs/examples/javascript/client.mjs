/* Send interchanges to coedi and follow its receipts. Needs Node 20 and amqplib: npm install

       coedi enterprise credentials 1100A0017 --json > credentials.json
       node client.mjs credentials.json pumps.xml towels.xml

   Every receipt is on disk, receipts/<stream>/<sequence>.xml, before it is acknowledged: a restart knows what it has.
   Runs until stopped; with IDLE_SECONDS=30 until nothing has happened for 30 seconds. */

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import amqp from "amqplib";

const GAP_SECONDS = 5; // how long a receipt waits for the one before it
const NACK_SECONDS = 5; // how long we wait when the broker did not take a message
const now = () => performance.now() / 1000;

/* Each receipt once, in order of its sequence within its stream; one per connection. */
class Inbox {
  next = new Map();
  held = new Map(); // stream -> Map(sequence -> [since, message, acknowledge])

  take(message, acknowledge) {
    const { stream, seq, repeat } = message.properties.headers;
    const known = existsSync(this.path(stream, seq));
    if (known && repeat) show(message, "again"); // the answer to something that we sent again
    const held = this.held.get(stream) ?? new Map();
    if (known || held.has(seq)) acknowledge();
    else this.held.set(stream, held.set(seq, [now(), message, acknowledge]));
  }

  /* Pass on what is next in its stream, and what has waited too long for the one before it. */
  release() {
    for (const [stream, held] of this.held) {
      for (const [seq, [since, message, acknowledge]] of [...held].sort(([a], [b]) => a - b)) {
        const expected = this.expected(stream);
        if (seq > expected && now() - since < GAP_SECONDS) break;
        keep(this.path(stream, seq), message.content);
        show(message, seq > expected ? "one before it is missing" : "");
        acknowledge();
        this.next.set(stream, Math.max(expected, seq + 1));
        held.delete(seq);
      }
    }
  }

  expected(stream) {
    const folder = dirname(this.path(stream, 0));
    const known = this.next.has(stream) || !existsSync(folder) ? [] : readdirSync(folder).map((name) => parseInt(name, 10));
    return this.next.get(stream) ?? Math.max(0, ...known) + 1;
  }

  path(stream, seq) {
    return `receipts/${stream.replace(":", "-")}/${seq}.xml`;
  }
}

function keep(path, body) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync("receipts/part", body, { flush: true });
  renameSync("receipts/part", path);
}

function show({ properties: { headers, type, correlationId } }, note) {
  console.log([headers.feed_no, headers.stream, headers.seq, type, correlationId ?? "-", note].join("\t"));
}

/* Publish what is pending and take receipts; ends when nothing has happened for `idle` seconds. */
async function session(connection, login, pending, idle) {
  let failure, unroutable, last = now(), sendAt = last;
  const inbox = new Inbox();
  const stop = (error) => (failure ??= error ?? new Error("the connection was closed"));
  const watch = (it) => it.on("error", stop).on("close", stop);
  watch(connection);
  const sending = watch(await connection.createConfirmChannel());
  const receiving = watch(await connection.createChannel());
  sending.on("return", () => (unroutable = true)); // comes before the confirm
  await receiving.prefetch(100);
  await receiving.consume(login.receipt_queue, (message) => {
    if (!message) return stop(new Error("the broker ended our consumer"));
    last = now();
    inbox.take(message, () => receiving.ack(message));
  });
  const options = { persistent: true, mandatory: true, contentType: "application/xml" };
  while (!failure) {
    inbox.release();
    if (pending.length && now() >= sendAt) {
      unroutable = false;
      const error = await new Promise((resolve) => sending.publish(login.exchange, "", pending[0].body, options, resolve));
      const taken = !error && !unroutable; // if the connection broke here, it is sent again: that is always safe
      console.log(pending[0].file, taken ? "confirmed" : "not accepted, retry later");
      if (taken) pending.shift();
      else sendAt = now() + NACK_SECONDS;
    } else await sleep(100);
    if (pending.length || [...inbox.held.values()].some((held) => held.size)) last = now();
    if (idle && now() - last > idle) return;
  }
  throw failure;
}

async function main(credentials, ...files) {
  const login = JSON.parse(readFileSync(credentials, "utf8"));
  const hosts = login.amqp_url.split(","); // a cluster has several
  const pending = files.map((file) => ({ file, body: readFileSync(file) }));
  const idle = Number(process.env.IDLE_SECONDS ?? 0);
  for (let wait = 0.5, turn = 0; ; turn++) {
    const began = now();
    let connection;
    try {
      const url = hosts[turn % hosts.length];
      connection = await amqp.connect(`${url}${url.includes("?") ? "&" : "?"}heartbeat=30`);
      return await session(connection, login, pending, idle);
    } catch (error) {
      wait = now() - began > 60 ? 1 : Math.min(wait * 2, 60);
      console.log(`${error}: again in ${wait} s`);
      await sleep(wait * 1000);
    } finally {
      await connection?.close().catch(() => {}); // it may be closed already
    }
  }
}

await main(...process.argv.slice(2));
