-- The schema orch as version 4 of its migrations made it, with rows. Written by pg_dump; never changed.
CREATE SCHEMA orch;
CREATE TABLE orch.auto_runs (
    branch text NOT NULL,
    delivery text NOT NULL,
    received_at bigint NOT NULL
);
CREATE TABLE orch.deliveries (
    id text NOT NULL,
    event text NOT NULL,
    action text,
    repository text,
    received_at bigint NOT NULL,
    handled_at bigint,
    result text,
    payload text,
    attempt integer DEFAULT 1 NOT NULL,
    started integer DEFAULT 0 NOT NULL
);
CREATE TABLE orch.journal_lines (
    journal text NOT NULL,
    line integer NOT NULL,
    text text NOT NULL
);
CREATE TABLE orch.journals (
    id text NOT NULL,
    fence bigint NOT NULL,
    driver_host text NOT NULL,
    driver_pid integer NOT NULL,
    lease_ends bigint NOT NULL,
    cancel_requester text,
    cancel_ends bigint DEFAULT 0 NOT NULL,
    cancel_fence bigint DEFAULT 0 NOT NULL,
    cancel_count bigint DEFAULT 0 NOT NULL
);
CREATE TABLE orch.merge_groups (
    repository text NOT NULL,
    head_sha text NOT NULL,
    number integer NOT NULL,
    requested_at bigint NOT NULL
);
CREATE TABLE orch.processes (
    id text NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    workers integer NOT NULL,
    started_at bigint NOT NULL,
    heartbeat_at bigint NOT NULL,
    lease_ends bigint NOT NULL,
    taken_over_by text
);
CREATE TABLE orch.schedules (
    entry text NOT NULL,
    handled_until bigint NOT NULL
);
CREATE TABLE orch.schema_version (
    version integer NOT NULL
);
CREATE TABLE orch.workloads (
    "position" bigint NOT NULL,
    id text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    change text,
    repositories text[] NOT NULL,
    work text NOT NULL,
    created_at bigint NOT NULL,
    claimed_at bigint,
    started_at bigint,
    ended_at bigint,
    process text,
    worker text,
    cancel_requested_by text,
    orchestration text,
    result text
);
ALTER TABLE orch.workloads ALTER COLUMN "position" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME orch.workloads_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
INSERT INTO orch.auto_runs VALUES ('DPTA-1', 'delivery-2', 5);
INSERT INTO orch.deliveries VALUES ('delivery-2', 'push', NULL, 'acme/repoB', 5, NULL, NULL, '{}', 1, 0);
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 1, '{"journal":2,"orchestration":"01m7ynaym0g0n6h2"}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 2, '{"id":"01m7ynaym0g0n6h2","plan":{"branch":"DPTA-1","graph":{"branches":["DPTA-*"],"statusContext":"orchestrator-build","failFast":true,"maxParallel":null,"jobs":[{"id":"repoA","repo":"acme/repoA","needs":[],"workflow":"build.yml","inputs":{},"timeoutMs":1800000,"queueTimeoutMs":3600000,"retries":0,"retryOn":"any"},{"id":"repoB","repo":"acme/repoB","needs":["repoA"],"workflow":"build.yml","inputs":{},"timeoutMs":1800000,"queueTimeoutMs":3600000,"retries":0,"retryOn":"any"},{"id":"repoC","repo":"acme/repoC","needs":["repoA"],"workflow":"build.yml","inputs":{},"timeoutMs":1800000,"queueTimeoutMs":3600000,"retries":0,"retryOn":"any"},{"id":"repoD","repo":"acme/repoD","needs":["repoA"],"workflow":"build.yml","inputs":{},"timeoutMs":1800000,"queueTimeoutMs":3600000,"retries":0,"retryOn":"any"},{"id":"repoE","repo":"acme/repoE","needs":["repoB","repoC","repoD"],"workflow":"build.yml","inputs":{},"timeoutMs":1800000,"queueTimeoutMs":3600000,"retries":0,"retryOn":"any"}]},"members":[{"repo":"acme/repoB","headSha":"8c906544955a121e1cf45252c6985dfc0cad5259","pullRequests":[{"number":1,"url":"http://127.0.0.1:9/acme/repoB/pull/1","title":"DPTA-1","headRef":"DPTA-1","headSha":"8c906544955a121e1cf45252c6985dfc0cad5259","baseRef":"main","isDraft":false,"hasMergeQueue":false,"isFork":false,"mergeability":"mergeable"}],"defaultBranch":"main"}],"absent":[{"repo":"acme/repoA","defaultBranch":"main","defaultBranchSha":"19036b01963ba0d56102ddeb2e45024f3bc903de"},{"repo":"acme/repoC","defaultBranch":"main","defaultBranchSha":"19036b01963ba0d56102ddeb2e45024f3bc903de"},{"repo":"acme/repoD","defaultBranch":"main","defaultBranchSha":"19036b01963ba0d56102ddeb2e45024f3bc903de"},{"repo":"acme/repoE","defaultBranch":"main","defaultBranchSha":"19036b01963ba0d56102ddeb2e45024f3bc903de"}],"jobs":[{"job":"repoA","headSha":null,"fingerprint":"7e1cb176a908aa75984f5026df611d399b0e1f94701b467b5b3791dce806fae5","carriesMarker":false,"action":"skip","reason":"acme/repoA has no branch DPTA-1"},{"job":"repoB","headSha":"8c906544955a121e1cf45252c6985dfc0cad5259","fingerprint":"e898ba49b7ced1488127c31013c8ae9333102fff75ac7898fa49eb06c1409a1b","carriesMarker":false,"action":"run","reason":"never built"},{"job":"repoC","headSha":null,"fingerprint":"43c31b71576865f2111a64d1f6df9c3330e38d89931bacc260fcb9234c574d5c","carriesMarker":false,"action":"skip","reason":"acme/repoC has no branch DPTA-1"},{"job":"repoD","headSha":null,"fingerprint":"0f8ccb65190dee31b3a1a2e0f323b3dbda46b96191a69de8714ee31e1de37889","carriesMarker":false,"action":"skip","reason":"acme/repoD has no branch DPTA-1"},{"job":"repoE","headSha":null,"fingerprint":"6959f7cecd432c0621bd7bd08818e38e1f9d476d20f88dbf0a237f53deafecff","carriesMarker":false,"action":"skip","reason":"acme/repoE has no branch DPTA-1"}],"setDigest":"7d823a60375865eb2eb47f1df0bd2271daad60a98dea7ae5e96828a8bd7ffba3","targets":[{"repo":"acme/repoB","headSha":"8c906544955a121e1cf45252c6985dfc0cad5259","pullRequests":[{"number":1,"url":"http://127.0.0.1:9/acme/repoB/pull/1","title":"DPTA-1","headRef":"DPTA-1","headSha":"8c906544955a121e1cf45252c6985dfc0cad5259","baseRef":"main","isDraft":false,"hasMergeQueue":false,"isFork":false,"mergeability":"mergeable"}],"status":null,"claimedBy":null,"earlierSuccesses":[]}],"warnings":[]},"options":{"failFast":true,"maxParallel":null,"timeoutMs":21600000,"postStatus":true,"recordJobs":true,"only":null,"link":"http://127.0.0.1:9","eventKey":null,"isRestart":false,"predecessors":[],"knownRuns":[],"earlierHeads":[]},"type":"started","at":1795251600000}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 3, '{"type":"status-requested","repo":"acme/repoB","headSha":"8c906544955a121e1cf45252c6985dfc0cad5259","round":"claim","state":"pending","description":"run:01m7ynaym0g0n6h2 building 1 job of DPTA-1","at":1795251600000}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 4, '{"type":"status-posted","repo":"acme/repoB","headSha":"8c906544955a121e1cf45252c6985dfc0cad5259","round":"claim","status":{"id":1000020,"state":"pending","context":"orchestrator-build","description":"run:01m7ynaym0g0n6h2 building 1 job of DPTA-1","targetUrl":"http://127.0.0.1:9","creator":"developer","createdAt":1795251600000},"at":1795251600000}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 5, '{"type":"job-settled","job":"repoA","outcome":"skipped","reason":"acme/repoA has no branch DPTA-1","at":1795251600000}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 6, '{"type":"earlier-heads-locked","locked":[],"failures":[],"at":1795251600000}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 7, '{"type":"job-settled","job":"repoC","outcome":"skipped","reason":"acme/repoC has no branch DPTA-1","at":1795251600000}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 8, '{"type":"job-settled","job":"repoD","outcome":"skipped","reason":"acme/repoD has no branch DPTA-1","at":1795251600000}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 9, '{"type":"dispatch-requested","job":"repoB","attempt":1,"serverTime":1795251600000,"at":1795251600000}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 10, '{"type":"dispatch-accepted","job":"repoB","attempt":1,"runId":30000000000,"url":"http://127.0.0.1:9/acme/repoB/actions/runs/30000000000","at":1795251600000}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 11, '{"type":"run-observed","job":"repoB","run":{"id":30000000000,"headSha":"8c906544955a121e1cf45252c6985dfc0cad5259","status":"in_progress","conclusion":null,"runAttempt":1,"url":"http://127.0.0.1:9/acme/repoB/actions/runs/30000000000"},"nextAt":1795251602819,"at":1795251602000}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 12, '{"type":"verified","stage":"while-building","result":{"kind":"unchanged","merged":[]},"nextAt":1795251633166,"at":1795251610000}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 13, '{"type":"run-observed","job":"repoB","run":{"id":30000000000,"headSha":"8c906544955a121e1cf45252c6985dfc0cad5259","status":"completed","conclusion":"success","runAttempt":1,"url":"http://127.0.0.1:9/acme/repoB/actions/runs/30000000000"},"nextAt":1795251621503,"at":1795251620667}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 14, '{"type":"job-settled","job":"repoB","outcome":"succeeded","reason":"its run succeeded","at":1795251620667}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 15, '{"type":"job-settled","job":"repoE","outcome":"skipped","reason":"acme/repoE has no branch DPTA-1","at":1795251620667}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 16, '{"type":"verified","stage":"before-success","result":{"kind":"unchanged","merged":[]},"nextAt":1795251622418,"at":1795251620667}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 17, '{"type":"status-requested","repo":"acme/repoB","headSha":"8c906544955a121e1cf45252c6985dfc0cad5259","round":"success","state":"success","description":"run:01m7ynaym0g0n6h2 set:7d823a603758 ok, 1 repository built together","at":1795251620667}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 18, '{"type":"status-posted","repo":"acme/repoB","headSha":"8c906544955a121e1cf45252c6985dfc0cad5259","round":"success","status":{"id":1000022,"state":"success","context":"orchestrator-build","description":"run:01m7ynaym0g0n6h2 set:7d823a603758 ok, 1 repository built together","targetUrl":"http://127.0.0.1:9","creator":"developer","createdAt":1795251620000},"at":1795251620667}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 19, '{"type":"job-status-requested","job":"repoB","runAttempt":1,"context":"orchestrator-build/repoB","state":"success","description":"run:01m7ynaym0g0n6h2 fp:e898ba49b7ced148 its run succeeded","at":1795251620667}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 20, '{"type":"job-status-posted","job":"repoB","runAttempt":1,"status":{"id":1000023,"state":"success","context":"orchestrator-build/repoB","description":"run:01m7ynaym0g0n6h2 fp:e898ba49b7ced148 its run succeeded","targetUrl":"http://127.0.0.1:9/acme/repoB/actions/runs/30000000000","creator":"developer","createdAt":1795251620000},"at":1795251620667}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 21, '{"type":"verified","stage":"after-success","result":{"kind":"unchanged","merged":[]},"nextAt":1795251622121,"at":1795251620667}');
INSERT INTO orch.journal_lines VALUES ('01m7ynaym0g0n6h2', 22, '{"type":"finished","outcome":"succeeded","reason":"every build succeeded and every pull request of the change is unlocked","auth":false,"at":1795251620667}');
INSERT INTO orch.journals VALUES ('01m7ynaym0g0n6h2', 1, 'host-1', 4711, 0, NULL, 0, 0, 0);
INSERT INTO orch.merge_groups VALUES ('acme/repoB', 'abc', 1, 5);
INSERT INTO orch.schedules VALUES ('digest', 5);
INSERT INTO orch.schema_version VALUES (4);
INSERT INTO orch.workloads OVERRIDING SYSTEM VALUE VALUES (1, 'delivery-1', 'workflow', 'completed', 'DPTA-1', '{}', '{"kind":"run","branch":"DPTA-1","event":{"key":"k","isRepeated":false,"isNamed":true},"settings":{"failFast":true,"maxParallel":null,"timeoutMs":null,"postStatus":true,"only":null,"force":false},"by":"@octocat"}', 1, 2, 3, 4, 'p1', 'p1-1', NULL, '01m7ynaym0g0n6h2', 'succeeded: all jobs succeeded');
SELECT pg_catalog.setval('orch.workloads_position_seq', 1, true);
ALTER TABLE ONLY orch.auto_runs
    ADD CONSTRAINT auto_runs_pkey PRIMARY KEY (branch);
ALTER TABLE ONLY orch.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY orch.journal_lines
    ADD CONSTRAINT journal_lines_pkey PRIMARY KEY (journal, line);
ALTER TABLE ONLY orch.journals
    ADD CONSTRAINT journals_pkey PRIMARY KEY (id);
ALTER TABLE ONLY orch.merge_groups
    ADD CONSTRAINT merge_groups_pkey PRIMARY KEY (repository, head_sha);
ALTER TABLE ONLY orch.processes
    ADD CONSTRAINT processes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY orch.schedules
    ADD CONSTRAINT schedules_pkey PRIMARY KEY (entry);
ALTER TABLE ONLY orch.workloads
    ADD CONSTRAINT workloads_id_key UNIQUE (id);
ALTER TABLE ONLY orch.workloads
    ADD CONSTRAINT workloads_pkey PRIMARY KEY ("position");
CREATE INDEX deliveries_open ON orch.deliveries USING btree (received_at) WHERE (handled_at IS NULL);
CREATE INDEX deliveries_received ON orch.deliveries USING btree (received_at DESC, id DESC);
CREATE INDEX workloads_change ON orch.workloads USING btree (change, "position");
CREATE INDEX workloads_status ON orch.workloads USING btree (status, "position");
ALTER TABLE ONLY orch.journal_lines
    ADD CONSTRAINT journal_lines_journal_fkey FOREIGN KEY (journal) REFERENCES orch.journals(id) ON DELETE CASCADE;
