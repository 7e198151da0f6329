// Sends what a plan says with node-hl7-client.
const { readFileSync } = require("node:fs");
const { Client, Message } = require("node-hl7-client");

const [port, plan] = process.argv.slice(2);

async function send(messages) {
  const client = new Client({ host: "127.0.0.1" });
  let answered;
  const connection = client.createConnection({ port: Number(port), waitAck: true }, async (response) => {
    const answer = response.getMessage();
    console.log(`${answer.get("MSA.1").toString()} ${answer.get("MSA.2").toString()}`);
    answered();
  });
  for (const text of messages) {
    const answer = new Promise((resolve) => { answered = resolve; });
    await connection.sendMessage(new Message({ text }));
    await answer;
  }
  await connection.close();
}

(async () => {
  for (const messages of JSON.parse(readFileSync(plan, "utf8"))) await send(messages);
  process.exit(0);
})();
