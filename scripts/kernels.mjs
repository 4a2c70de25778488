// `npm run kernels`: runs a command under another kernel, so that the tables, the verifier and the TCP model can be compared with
// it. Debian's kernel packages are downloaded with apt (other suites come from the mirror that is configured here), unpacked with
// dpkg, and booted in plain qemu emulation on this machine's own file system, read-only.
//
//   npm run kernels -- list                     kernels that can be had
//   npm run kernels -- 6.12 -- COMMAND ...      COMMAND as root, in this folder, under the newest 6.12; its exit code is ours
//
// The command finds a writable folder in $KERNEL_OUT (here .kernels/out). Needs Debian, root for qemu's file share, and the
// packages qemu-system-x86 and busybox-static.

import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const home = path.join(root, '.kernels');
const apt = path.join(home, 'apt');
const SUITES = ['bullseye', 'bookworm', 'bookworm-backports', 'trixie', 'trixie-backports', 'forky', 'sid'];
/** Modules for the root file system, in dependency order per kernel; those built in are simply absent. */
const MODULES = [
  'virtio',
  'virtio_ring',
  'virtio_pci_legacy_dev',
  'virtio_pci_modern_dev',
  'virtio_pci',
  '9pnet_virtio',
  '9p',
];
const TIMEOUT_MS = 30 * 60_000;

const run = (command, args, options = {}) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28, ...options });

function fail(message) {
  console.error(`kernels: ${message}`);
  process.exit(2);
}

/** The mirror that this machine's own sources name. */
function mirror() {
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync('/etc/apt/sources.list.d')
      ? readdirSync('/etc/apt/sources.list.d').map((name) => `/etc/apt/sources.list.d/${name}`)
      : []),
  ];
  for (const file of files.filter((name) => existsSync(name))) {
    const found = /(?:^deb(?:\s+\[[^\]]*\])?|^URIs:)\s+(https?:\/\/\S*\/debian)\/?(?:\s|$)/m.exec(
      readFileSync(file, 'utf8'),
    );
    if (found !== null) return found[1];
  }
  return fail('no Debian mirror is configured in /etc/apt');
}

function aptOptions() {
  const config = path.join(apt, 'apt.conf');
  if (!existsSync(config)) {
    for (const folder of ['state/lists/partial', 'cache/archives/partial'])
      mkdirSync(path.join(apt, folder), { recursive: true });
    writeFileSync(path.join(apt, 'sources.list'), SUITES.map((suite) => `deb ${mirror()} ${suite} main\n`).join(''));
    const lines = [
      `Dir::State "${apt}/state";`,
      'Dir::State::status "/var/lib/dpkg/status";',
      `Dir::Cache "${apt}/cache";`,
      `Dir::Etc::sourcelist "${apt}/sources.list";`,
      'Dir::Etc::sourceparts "-";',
      'Acquire::Languages "none";',
    ];
    writeFileSync(config, lines.join('\n'));
    run('apt-get', ['-c', config, 'update', '-qq']);
  }
  return ['-c', config];
}

/** Package names of unsigned-or-signed plain amd64 kernels, oldest first. */
function available() {
  const names = run('apt-cache', [...aptOptions(), 'pkgnames', 'linux-image-'])
    .split('\n')
    .filter(
      (name) =>
        /^linux-image-\d[\w.+-]*-amd64$/.test(name) &&
        !/-(?:rt|cloud)-|unsigned|deb11\./.test(name) &&
        /\d+\.\d+\.\d/.test(name),
    );
  const key = (name) =>
    name
      .match(/\d+/g)
      .map((part) => part.padStart(6, '0'))
      .join('.');
  return names.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Downloads and unpacks a kernel; returns its files. */
function prepare(wanted) {
  const matching = available().filter(
    (name) => name.startsWith(`linux-image-${wanted}`) && !/^\d/.test(name.slice(`linux-image-${wanted}`.length)),
  );
  const name = matching.at(-1);
  if (name === undefined) fail(`no Debian kernel matches ${wanted}; \`npm run kernels -- list\` lists them`);
  const folder = path.join(home, name);
  const ready = { name, kernel: path.join(folder, 'vmlinuz'), initramfs: path.join(folder, 'initramfs.gz') };
  if (existsSync(ready.initramfs)) return ready;
  console.error(`kernels: preparing ${name} ...`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, 'tree'), { recursive: true });
  // Newer packages keep image and modules apart; the older one has both.
  const parts = [name, name.replace('linux-image-', 'linux-binary-'), name.replace('linux-image-', 'linux-modules-')];
  for (const part of parts) {
    try {
      run('apt-get', [...aptOptions(), 'download', part], { cwd: folder });
    } catch (error) {
      if (part === name) throw error;
    }
  }
  for (const archive of readdirSync(folder).filter((file) => file.endsWith('.deb'))) {
    run('dpkg', ['-x', path.join(folder, archive), path.join(folder, 'tree')]);
    rmSync(path.join(folder, archive));
  }
  const image = readdirSync(path.join(folder, 'tree'), { recursive: true }).find((file) =>
    path.basename(file).startsWith('vmlinuz'),
  );
  if (image === undefined) fail(`${name} holds no kernel image`);
  copyFileSync(path.join(folder, 'tree', image), ready.kernel);
  makeInitramfs(folder, ready.initramfs);
  rmSync(path.join(folder, 'tree'), { recursive: true });
  return ready;
}

function makeInitramfs(folder, target) {
  const modulesRoot = [path.join(folder, 'tree/lib/modules'), path.join(folder, 'tree/usr/lib/modules')].find(
    (candidate) => existsSync(candidate),
  );
  if (modulesRoot === undefined)
    fail('the mirror no longer has the modules of this kernel; take another release of the series');
  const modulesFolder = path.join(modulesRoot, readdirSync(modulesRoot)[0]);
  const files = new Map();
  for (const entry of readdirSync(modulesFolder, { recursive: true })) {
    const found = /([^/]+)\.ko(?:\.xz|\.zst|\.gz)?$/.exec(entry);
    if (found !== null) files.set(found[1].replaceAll('-', '_'), path.join(modulesFolder, entry));
  }
  const tree = path.join(folder, 'initramfs');
  for (const sub of ['bin', 'dev', 'proc', 'sys', 'host', 'modules'])
    mkdirSync(path.join(tree, sub), { recursive: true });
  copyFileSync('/bin/busybox', path.join(tree, 'bin/busybox'));
  const order = [];
  const add = (name) => {
    const file = files.get(name);
    if (file === undefined || order.includes(name)) return;
    for (const dependency of dependenciesOf(file)) add(dependency);
    order.push(name);
  };
  for (const name of MODULES) add(name);
  for (const name of order) writeFileSync(path.join(tree, 'modules', `${name}.ko`), readModule(files.get(name)));
  writeFileSync(path.join(tree, 'init'), initScript(order));
  chmodSync(path.join(tree, 'init'), 0o755);
  execFileSync('sh', ['-c', `find . | cpio -o -H newc --quiet | gzip -1 > '${target}'`], {
    cwd: tree,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  rmSync(tree, { recursive: true });
}

/** A module's bytes, unpacked. */
function readModule(file) {
  const tool = file.endsWith('.xz') ? 'xz' : file.endsWith('.zst') ? 'zstd' : file.endsWith('.gz') ? 'gzip' : undefined;
  return tool === undefined ? readFileSync(file) : execFileSync(tool, ['-dc', file], { maxBuffer: 1 << 28 });
}

/** Names in the `depends=` entry of a module. */
function dependenciesOf(file) {
  const found = /\0depends=([^\0]*)\0/.exec(`\0${readModule(file).toString('latin1')}\0`);
  return (found?.[1] ?? '')
    .split(',')
    .filter((name) => name !== '')
    .map((name) => name.replaceAll('-', '_'));
}

const initScript = (modules) => `#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc none /proc; $b mount -t sysfs none /sys; $b mount -t devtmpfs none /dev
${modules.map((name) => `$b insmod /modules/${name}.ko`).join('\n')}
opts=trans=virtio,version=9p2000.L,msize=262144,cache=loose
$b mount -t 9p -o $opts,ro host /host || { echo "kernels: the root file system cannot be mounted"; $b poweroff -f; }
$b mount -t proc none /host/proc; $b mount -t sysfs none /host/sys; $b mount --bind /dev /host/dev
$b mount -t tmpfs none /host/tmp; $b mount -t tmpfs none /host/run
$b mkdir -p /host/tmp/out; $b mount -t 9p -o trans=virtio,version=9p2000.L out /host/tmp/out
$b mount -t bpf none /host/sys/fs/bpf 2>/dev/null; $b mkdir -p /host/tmp/cgroup; $b mount -t cgroup2 none /host/tmp/cgroup
$b ip link set lo up
$b chroot /host /bin/sh /tmp/out/command > /host/tmp/out/stdout 2>&1; echo $? > /host/tmp/out/status
$b sync; $b poweroff -f
`;

async function boot({ name, kernel, initramfs }, command) {
  const out = path.join(home, 'out');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  writeFileSync(
    path.join(out, 'command'),
    `cd '${root}'\nexport KERNEL_OUT=/tmp/out KERNEL_CGROUP=/tmp/cgroup HOME=/tmp PATH='${process.env.PATH}'\nexec ${quoted}\n`,
  );
  const share = (id, folder, options) => [
    '-virtfs',
    `local,path=${folder},mount_tag=${id},security_model=none,multidevs=remap${options}`,
  ];
  const args = [
    '-kernel',
    kernel,
    '-initrd',
    initramfs,
    '-append',
    'console=ttyS0 quiet panic=-1 sysctl.kernel.unprivileged_bpf_disabled=0',
    '-nographic',
    '-no-reboot',
    '-m',
    '2048',
    '-smp',
    '2',
    '-cpu',
    'max',
    '-nic',
    'none',
    ...share('host', '/', ',readonly=on'),
    ...share('out', out, ''),
  ];
  const started = Date.now();
  const machine = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let console_ = '';
  machine.stdout.on('data', (chunk) => {
    console_ += chunk;
  });
  const timer = setTimeout(() => machine.kill('SIGKILL'), TIMEOUT_MS);
  await new Promise((resolve, reject) => {
    machine.on('close', resolve);
    machine.on('error', reject);
  }).catch((error) => fail(`qemu-system-x86_64: ${error.message}`));
  clearTimeout(timer);
  const stdout = path.join(out, 'stdout');
  if (existsSync(stdout)) process.stdout.write(readFileSync(stdout));
  const status = path.join(out, 'status');
  if (!existsSync(status)) fail(`${name} did not finish the command; its last words:\n${console_.slice(-2000)}`);
  console.error(`kernels: ${name}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
  return Number(readFileSync(status, 'utf8'));
}

const [wanted, separator, ...command] = process.argv.slice(2);
if (wanted === 'list') {
  for (const name of available()) console.log(name.replace('linux-image-', '').replace('-amd64', ''));
} else if (wanted !== undefined && separator === '--' && command.length > 0) {
  for (const tool of ['qemu-system-x86_64', 'busybox', 'cpio']) {
    try {
      run('which', [tool]);
    } catch {
      fail(`${tool} is missing: apt-get install qemu-system-x86 busybox-static cpio`);
    }
  }
  process.exit(await boot(prepare(wanted), command));
} else {
  console.log('npm run kernels -- list\nnpm run kernels -- VERSION -- COMMAND ...');
  process.exit(wanted === undefined ? 0 : 2);
}
