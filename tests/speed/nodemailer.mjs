// Nodemailer's pool, sending the same octets again and again: node nodemailer.mjs PORT MESSAGES CONNECTIONS OCTETS
import { createRequire } from "node:module";

const nodemailer = createRequire(`${process.cwd()}/`)("nodemailer");
const [port, messages, connections, octets] = process.argv.slice(2).map(Number);
const line = `${"x".repeat(76)}\r\n`;
const raw = Buffer.from(`Subject: speed\r\n\r\n${line.repeat(Math.ceil(octets / line.length))}`.slice(0, octets));
const transport = nodemailer.createTransport({
  host: "127.0.0.1",
  port,
  pool: true,
  maxConnections: connections,
  maxMessages: Infinity,
  ignoreTLS: true,
});

let next = 0;
async function sendSome() {
  while (next < messages) {
    const to = `reader${++next}@inbox.example`;
    await transport.sendMail({ envelope: { from: "bounces@digest.example", to }, raw });
  }
}

const began = performance.now();
await Promise.all(Array.from({ length: connections * 2 }, sendSome));
console.log(Math.round(messages / ((performance.now() - began) / 1000)));
transport.close();
