// SPDX-License-Identifier: GPL-2.0-only
//
// Runs Perfetto's trace processor, as its viewer does, and asks it in SQL what it found
// in a trace. The engine is built for a web worker; the globals of one are made here.
import { readFileSync } from "node:fs";
import vm from "node:vm";

export async function openEngine(dir) {
	const { EngineBase } = await import(`${dir}/engine.mjs`);

	return class Reader extends EngineBase {
		mode = "WASM";
		id = "test";

		constructor() {
			super();
			const { port1, port2 } = new MessageChannel();
			this.port = port2;
			port2.onmessage = (m) => this.onRpcResponseBytes(m.data);
			startWorker(dir, port1);
		}

		rpcSendRequestBytes(bytes) {
			this.port.postMessage(bytes);
		}

		fail(reason) {
			throw new Error(reason);
		}

		async load(path) {
			await this.resetTraceProcessor({});
			await this.parse(new Uint8Array(readFileSync(path)));
			await this.notifyEof();
		}

		// Returns the rows as objects; numbers are exact up to 2^53.
		async rows(sql) {
			const result = await this.query(sql);
			const columns = result.columns();
			const rows = [];

			for (const it = result.iter({}); it.valid(); it.next())
				rows.push(Object.fromEntries(columns.map((c) => {
					const v = it.get(c);
					return [c, typeof v === "bigint" ? Number(v) : v];
				})));
			return rows;
		}

		close() {
			this.port.close();
		}
	};
}

// A request for a file, of which the worker makes one: for the WebAssembly.
function requestOf(dir) {
	return class {
		open(_, url) {
			this.name = url.replace(/.*\//, "");
		}
		send() {
			this.response = Uint8Array.from(
				readFileSync(`${dir}/${this.name}`)).buffer;
		}
	};
}

function startWorker(dir, port) {
	const script = `${dir}/engine_bundle.node.js`;

	Object.assign(globalThis, {
		self: globalThis, WorkerGlobalScope: Object,
		location: { href: "worker://trace/engine.js" },
		XMLHttpRequest: requestOf(dir),
	});
	// It talks on the console of what it does, and fails or answers in any case.
	Object.assign(console, { log() {}, warn() {}, error() {} });
	vm.runInThisContext(readFileSync(script, "utf8"), script);
	globalThis.onmessage({ data: port });
}
