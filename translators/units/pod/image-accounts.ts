/** Users and groups of an image: its `/etc/passwd` and `/etc/group`, '' where it has none. */
export interface ImageAccounts {
  readonly passwd: string;
  readonly group: string;
}

const linesOf = (text: string): readonly (readonly string[])[] => text.split('\n').map((line) => line.split(':'));

function userOf({ passwd }: ImageAccounts, user: string): readonly string[] | undefined {
  const lines = linesOf(passwd);
  return lines.find(([name]) => name === user) ?? lines.find(([, , uid]) => uid === user);
}

/** The group of a user, by name or number, as the image has it; that of root for whom it doesn't know, as under Podman. */
export function primaryGroupOf(accounts: ImageAccounts, user: string): number {
  return Number(userOf(accounts, user)?.[3] ?? 0) || 0;
}

/** Groups of the image that list the user among their members. */
export function memberGroupsOf(accounts: ImageAccounts, user: string): readonly number[] {
  const [name] = userOf(accounts, user) ?? [];
  return linesOf(accounts.group).flatMap(([, , gid, members = '']) =>
    name !== undefined && /^\d+$/.test(gid ?? '') && members.trim().split(',').includes(name) ? [Number(gid)] : [],
  );
}
