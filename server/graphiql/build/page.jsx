import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/graphiql.css";
import { useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import "./page.css";

const KEPT = "dailies:token";

const WELCOME = `# Ask, then press play (or Ctrl-Enter).
# Ctrl-Space suggests fields.

{
  viewer {
    name
    projects {
      nodes {
        id
        name
        generations(first: 5) {
          nodes {
            prompt
            model
            thumbUrl
            variantCount
          }
        }
      }
    }
  }
}
`;

// `#token=…` opens the page as somebody; the address does not keep it.
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem(KEPT, given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return given || sessionStorage.getItem(KEPT) || "";
}

function Page() {
  const [token, setToken] = useState(takeToken);
  return token ? <Editor token={token} onLeave={() => setToken(leave())} /> : <Door onEnter={setToken} />;
}

function leave() {
  sessionStorage.removeItem(KEPT);
  return "";
}

function Door({ onEnter }) {
  const enter = (event) => {
    event.preventDefault();
    const token = new FormData(event.target).get("token").trim().replace(/^bearer\s+/i, "");
    sessionStorage.setItem(KEPT, token);
    onEnter(token);
  };
  return (
    <form className="door" onSubmit={enter}>
      <h1>Dailies</h1>
      <label htmlFor="token">Whose token shall be used? <code>dailies token</code> makes one.</label>
      <textarea id="token" name="token" rows="5" required autoFocus spellCheck="false" />
      <button>Open</button>
    </form>
  );
}

function Editor({ token, onLeave }) {
  const fetcher = useMemo(() => createGraphiQLFetcher({
    url: location.pathname,
    // What is written in the headers tab goes before this.
    headers: { Accept: "application/json", Authorization: `Bearer ${token}` },
  }), [token]);
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultQuery={WELCOME}
      headers={JSON.stringify({ Authorization: `Bearer ${token}` }, null, 2)}
      shouldPersistHeaders={false}
      isHeadersEditorEnabled
    >
      <GraphiQL.Logo>
        Dailies <button className="leave" onClick={onLeave}>other token</button>
      </GraphiQL.Logo>
    </GraphiQL>
  );
}

createRoot(document.getElementById("page")).render(<Page />);
