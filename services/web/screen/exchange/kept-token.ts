/**
 * The refresh token, kept for the next visit. In IndexedDB, since each tab must see what another wrote a moment ago: of
 * `localStorage` every process of a browser has a copy, which follows later.
 */

const [DATABASE, STORE, KEY] = ['crossbook', 'session', 'refresh-token'];

export function readToken(): Promise<string | undefined> {
  return inStore('readonly', (store) => store.get(KEY) as IDBRequest<string | undefined>);
}

export async function keepToken(token: string): Promise<void> {
  await inStore('readwrite', (store) => store.put(token, KEY));
}

export async function forgetToken(): Promise<void> {
  await inStore('readwrite', (store) => store.delete(KEY));
}

async function inStore<T>(
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await openDatabase();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const asked = ask(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}
