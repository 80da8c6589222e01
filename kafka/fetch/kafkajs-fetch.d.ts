/**
 * kafkajs' own table of the versions of fetch requests: not meant for others, and fixed by the version in
 * package.json.
 */
declare module 'kafkajs/src/protocol/requests/fetch/index.js' {
  interface FetchRequests {
    protocol(of: { readonly version: number }): (options: FetchOptions) => FetchProtocol;
  }
  interface FetchOptions {
    readonly minBytes: number;
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly {
        readonly partition: number;
        readonly fetchOffset: string;
        readonly maxBytes: number;
      }[];
    }[];
  }
  interface FetchProtocol {
    readonly request: unknown;
    readonly response: { decode(bytes: Buffer): Promise<unknown>; parse(data: unknown): Promise<unknown> };
  }
  const requests: FetchRequests;
  export = requests;
}
