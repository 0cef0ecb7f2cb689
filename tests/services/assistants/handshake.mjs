// The official TypeScript client, of the era that begins with a handshake: node handshake.mjs URL, with the token in KT_TOKEN
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const headers = { Authorization: `Bearer ${process.env.KT_TOKEN}` };
const client = new Client({ name: "tests", version: "1" });
await client.connect(new StreamableHTTPClientTransport(new URL(process.argv[2]), { requestInit: { headers } }));
const { tools } = await client.listTools();
const found = await client.callTool({ name: "search", arguments: { query: "vpn" } });
const wrong = await client.callTool({ name: "search", arguments: { query: "vpn", limit: 99 } });
const read = await client.readResource({ uri: `kt://node/${found.structuredContent.results[0].id}` });
const { messages } = await client.getPrompt({ name: "triage_ticket", arguments: { ticket: "#40007" } });
console.log(JSON.stringify({
  server: client.getServerVersion().name,
  tools: tools.map((tool) => tool.name),
  titles: found.structuredContent.results.map((one) => one.title),
  wrong: [wrong.isError, wrong.content[0].text],
  text: read.contents[0].text,
  prompt: messages[0].content.text,
}));
await client.close();
