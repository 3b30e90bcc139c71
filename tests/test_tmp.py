import pytest, json
from psycopg.types.json import Jsonb
from tests.asking import Asking
from tests.studio import Studio
async def test_on(studio, asking):
    for v in ([1], "x", 3, None, {"stepsCompleted": 3}):
        u = studio.user()
        studio.owner.execute("update users set onboarding=%s where id=%s", (Jsonb(v), u))
        a = await asking("{ viewer { onboarding { completed stepsCompleted } } }", u)
        print(v, a.data, a.errors)
async def test_snap(studio, asking):
    for v in ([1], "x", None):
        u = studio.user(); p=studio.project(u)
        r=studio.insert("runs", project_id=p, settings_snapshot=Jsonb(v))
        a = await asking("query($i:ID!){ run(id:$i) { settingsSnapshot } }", u, i=r)
        print(v, a.data, a.errors)
async def test_inf(studio, asking):
    for v in ("infinity","-infinity","0044-03-15 BC","12345-01-01","0001-01-01"):
        u = studio.user(); p=studio.project(u)
        try:
            r=studio.generation(p, created_at=v)
        except Exception as e:
            print(v, repr(e)); continue
        q="query($i:ID!,$a:String){ project(id:$i) { generations(after:$a) { nodes {createdAt} pageInfo{endCursor} } facets{days{value}} } }"
        a = await asking(q, u, i=p)
        print(v, a.data, a.errors)
        if a.data and a.data["project"]:
            b = await asking(q, u, i=p, a=a.data["project"]["generations"]["pageInfo"]["endCursor"])
            print(v, b.data, b.errors)
async def test_frame(studio, asking):
    u = studio.user(); p=studio.project(u); s=studio.shot(p)
    gs=[studio.generation(p) for _ in range(6)]
    for n,g in enumerate(gs): studio.entry(s,g,2147483647-n if n<3 else None)
    for d in ("ASC","DESC"):
      a=await asking("query($i:ID!,$d: OrderDirection){shot(id:$i){generations(order:{by:TIMELINE_FRAME,direction:$d}){nodes{shotData}}}}",u,i=s,d=d)
      print([list(n["shotData"].values())[0] for n in a["shot"]["generations"]["nodes"]])
async def test_facet(studio, asking):
    u = studio.user(); p=studio.project(u)
    for m in ("b","B","a","ä","_",""): studio.generation(p, model=m)
    a=await asking("query($i:ID!){project(id:$i){facets{models{value}}}}",u,i=p)
    print(a.data)
