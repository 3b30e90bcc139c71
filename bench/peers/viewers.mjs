// Who asks: the claims of a bearer token, verified once and remembered until it expires.
import { createHmac, timingSafeEqual } from "node:crypto";

const secret = process.env.PEER_SECRET;
const known = new Map();

/** The claims of this Authorization header, as the text that a transaction is told. */
export function claims(authorization) {
  const token = authorization?.replace(/^Bearer /, "") ?? "";
  const viewer = known.get(token) ?? remembered(token);
  if (viewer.until < Date.now()) throw new Error("The token has expired.");
  return viewer.claims;
}

function remembered(token) {
  const [head, body, signature] = token.split(".");
  const right = createHmac("sha256", secret).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature ?? "", "base64url");
  if (given.length !== right.length || !timingSafeEqual(given, right)) {
    throw new Error("The token is signed by somebody else.");
  }
  const said = JSON.parse(Buffer.from(body, "base64url").toString());
  const viewer = { claims: JSON.stringify(said), until: said.exp * 1000 };
  known.set(token, viewer);
  return viewer;
}
