// Sends what a plan says with @medplum/hl7.
const { readFileSync } = require("node:fs");
const { Hl7Message } = require("@medplum/core");
const { Hl7Client } = require("@medplum/hl7");

const [port, plan] = process.argv.slice(2);

async function send(messages) {
  const client = new Hl7Client({ host: "127.0.0.1", port: Number(port), keepAlive: true });
  for (const text of messages) {
    const answer = await client.sendAndWait(Hl7Message.parse(text));
    const msa = answer.getSegment("MSA");
    console.log(`${msa.getField(1).toString()} ${msa.getField(2).toString()}`);
  }
  await client.close();
}

(async () => {
  for (const messages of JSON.parse(readFileSync(plan, "utf8"))) await send(messages);
  process.exit(0);
})();
