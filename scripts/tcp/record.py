"""Runs TCP scenarios on the running kernel and records callbacks, segments and results of system calls, one JSON line each.

    record.py SCENARIOS.json RECORDINGS.jsonl RECORDER.o NAME

Needs root, a cgroup2 mount, /dev/net/tun, ip and bpftool. Everything happens in network namespaces and a cgroup of its own, which are
removed. Two hosts are two namespaces with a TUN device each; this process carries the packets between them, and is the application of
both sides as well, so that one run is like the next. The scenarios are those of test/tcp/support/scenario-file.ts.
"""

import ctypes
import errno
import fcntl
import heapq
import json
import mmap
import os
import select
import socket
import struct
import subprocess
import sys
import time

LIBC = ctypes.CDLL(None, use_errno=True)
NR_BPF = 321
BPF_MAP_UPDATE, BPF_OBJ_GET, BPF_PROG_ATTACH, BPF_PROG_DETACH = 2, 7, 8, 9
SOCK_OPS, ALLOW_MULTI = 3, 2
CLONE_NEWNET = 0x40000000
MOST_ACTIONS, MOST_BYTES, RING = 12, 40, 1 << 23
GET_OPTION, LOAD_HEADER, EVERY_OP = 1, 3, 99
SERVER_PORT, CLIENT_PORT = 5001, 40001
HOSTS = ('client', 'server')
FIELDS = (
    'family remote_ip4 local_ip4 remote_port local_port is_fullsock snd_cwnd srtt_us bpf_sock_ops_cb_flags state rtt_min '
    'snd_ssthresh rcv_nxt snd_nxt snd_una mss_cache ecn_flags rate_delivered rate_interval_us packets_out retrans_out '
    'total_retrans segs_in data_segs_in segs_out data_segs_out lost_out sacked_out sk_txhash skb_len skb_tcp_flags'
).split()
SOCK_FIELDS = 'state family type protocol src_port src_ip4 dst_ip4 dst_port_raw_u16'.split()


def mount_of_cgroup2():
    for line in open('/proc/mounts'):
        words = line.split()
        if words[2] == 'cgroup2':
            return words[1]
    raise SystemExit('no cgroup2 is mounted')


CGROUPS = os.environ.get('KERNEL_CGROUP') or mount_of_cgroup2()


def bpf(command, *words):
    packed = b''.join(struct.pack('I' if size == 4 else 'Q', value) for size, value in words)
    attributes = ctypes.create_string_buffer(packed, 128)
    result = LIBC.syscall(NR_BPF, command, attributes, 128)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def pinned(path):
    name = ctypes.create_string_buffer(path.encode())
    return bpf(BPF_OBJ_GET, (8, ctypes.addressof(name)), (4, 0))


def shell(command):
    subprocess.run(command, shell=True, check=True)


def now():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


class Program:
    """The recorder, loaded once for each host, with its settings and its ring buffer."""

    def __init__(self, name, object_file):
        self.folder = f'/sys/fs/bpf/{name}'
        os.makedirs(self.folder, exist_ok=True)
        command = ['bpftool', 'prog', 'load', object_file, f'{self.folder}/prog', 'pinmaps', self.folder]
        subprocess.run(command, check=True)
        self.fd = pinned(f'{self.folder}/prog')
        self.settings = pinned(f'{self.folder}/settings')
        records = pinned(f'{self.folder}/records')
        self.consumer = mmap.mmap(records, 4096, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE, offset=0)
        self.producer = mmap.mmap(records, 4096 + 2 * RING, mmap.MAP_SHARED, mmap.PROT_READ, offset=4096)
        self.position = 0
        self.actions = []

    def remove(self):
        subprocess.run(['rm', '-rf', self.folder], check=True)

    def configure(self, program):
        replies, reply_mask = [0] * 24, 0
        for op, value in (program.get('reply') or {}).items():
            reply_mask |= 1 << int(op)
            replies[int(op)] = value
        zero_mask = sum(1 << op for op in program.get('ret0') or [])
        self.actions = (program.get('actions') or [])[:MOST_ACTIONS]
        packed = struct.pack('Iiii', reply_mask, 'flags' in program, program.get('flags', 0), zero_mask)
        packed += struct.pack('24i', *replies) + struct.pack('4i', len(self.actions), 0, 0, 0) + bytes(MOST_BYTES)
        for action in self.actions:
            value = bytes.fromhex(action.get('val', ''))
            numbers = (action['op'], action['kind'], action.get('level', 0), action.get('opt', 0))
            packed += struct.pack('6i', *numbers, action.get('len', len(value)), 0) + value.ljust(MOST_BYTES, b'\0')
        packed = packed.ljust(112 + 16 + MOST_BYTES + MOST_ACTIONS * (24 + MOST_BYTES), b'\0')
        key, value = ctypes.create_string_buffer(4), ctypes.create_string_buffer(packed, len(packed))
        fd = self.settings
        bpf(BPF_MAP_UPDATE, (4, fd), (4, 0), (8, ctypes.addressof(key)), (8, ctypes.addressof(value)), (8, 0))

    def read(self):
        """What was recorded since the last time."""
        found = []
        end = struct.unpack('Q', self.producer[0:8])[0]
        while self.position < end:
            at = 4096 + (self.position & (RING - 1))
            header = struct.unpack('I', self.producer[at : at + 4])[0]
            if header & 0x80000000:
                break
            length = header & 0x3FFFFFFF
            if not header & 0x40000000:
                found.append(self.event(self.producer[at + 8 : at + 8 + length]))
            self.position += (length + 8 + 7) & ~7
        self.consumer[0:8] = struct.pack('Q', self.position)
        return found

    def event(self, data):
        at = 0

        def take(layout):
            nonlocal at
            values = struct.unpack_from(layout, data, at)
            at += struct.calcsize(layout)
            return values

        stamp, op = take('=QI')
        args, fields, remote6, local6 = take('=4I'), take('=32I'), take('=4I'), take('=4I')
        at = (at + 7) & ~7
        received, acked, _ = take('=3Q')
        _, has_data, _, header_length = take('=4I')
        has_sk, *sk = take('=9I')
        count, *results = take('=21i')
        buffers = [data[at + MOST_BYTES * i :][:MOST_BYTES] for i in range(MOST_ACTIONS)]
        at += MOST_BYTES * MOST_ACTIONS
        context = {'op': op, 'args': list(args), **dict(zip(FIELDS, fields))}
        context |= {'remote_ip6': list(remote6), 'local_ip6': list(local6)}
        context |= {'bytes_received': received, 'bytes_acked': acked}
        got = [
            buffers[i][: max(1, action.get('len', 4))].hex()
            for i, action in enumerate(self.actions)
            if action['kind'] in (GET_OPTION, LOAD_HEADER) and action['op'] in (op, EVERY_OP)
        ]
        return {
            't_ns': stamp,
            'ctx': context,
            'sk': {'non_null': bool(has_sk), **(dict(zip(SOCK_FIELDS, sk)) if has_sk else {})},
            'skb_data_non_null': bool(has_data),
            'skb_data_to_end_hex': data[at : at + header_length].hex(),
            'helper_returns': list(results[: max(0, count)]),
            'got': got,
        }


class Packet:
    """A TCP packet as a TUN device gives it; `is_tcp` is false for all others."""

    def __init__(self, data):
        self.data = data
        self.version = data[0] >> 4
        if self.version == 4:
            self.is_tcp, self.start = data[9] == 6, (data[0] & 15) * 4
            self.tos, end = data[1], struct.unpack('!H', data[2:4])[0]
        else:
            self.is_tcp, self.start = self.version == 6 and data[6] == 6, 40
            self.tos, end = ((data[0] & 15) << 4) | (data[1] >> 4), 40 + struct.unpack('!H', data[4:6])[0]
        if not self.is_tcp:
            return
        tcp = data[self.start : end]
        *self.ports, self.seq, self.ack, offset, flags, self.window = struct.unpack('!HHIIBBH', tcp[:16])
        self.flags = flags | ((offset & 1) << 8)
        length = (offset >> 4) * 4
        self.options, self.payload = tcp[20:length], len(tcp) - length

    def is_kind(self, kind):
        flags = self.flags
        return {
            'SYN': flags & 0x12 == 2,
            'SYN-ACK': flags & 0x12 == 0x12,
            'ACK': not flags & 7 and self.payload == 0,
            'DATA': self.payload > 0 and not flags & 2,
            'FIN': bool(flags & 1),
            'RST': bool(flags & 4),
            'ANY': True,
        }[kind]

    def congested(self):
        """The packet with Congestion Experienced."""
        data = bytearray(self.data)
        if self.version == 6:
            data[1] |= 0x30
            return bytes(data)
        data[1] |= 3
        data[10:12] = b'\0\0'
        total = sum(struct.unpack(f'!{self.start // 2}H', bytes(data[: self.start])))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        data[10:12] = struct.pack('!H', ~total & 0xFFFF)
        return bytes(data)


class Recorder:
    """Programs and cgroups of this process; `run` does one scenario."""

    def __init__(self, name, object_file):
        self.programs = {host: Program(f'{name}-{host}', object_file) for host in HOSTS}
        self.home = os.open('/proc/self/ns/net', os.O_RDONLY)
        self.folder = f'{CGROUPS}/{name}'
        os.makedirs(self.folder, exist_ok=True)
        lines = open('/proc/self/cgroup').read().split('\n')
        self.former = next(line[3:] for line in lines if line.startswith('0::'))
        self.count = 0

    def close(self):
        LIBC.setns(self.home, CLONE_NEWNET)
        with open(f'{CGROUPS}{self.former}/cgroup.procs', 'w') as file:
            file.write('0')
        for program in self.programs.values():
            program.remove()
        for name in os.listdir(self.folder):
            if os.path.isdir(f'{self.folder}/{name}'):
                os.rmdir(f'{self.folder}/{name}')
        os.rmdir(self.folder)

    def run(self, scenario):
        self.count += 1
        return Run(self, scenario).record()


class Run:
    def __init__(self, recorder, scenario):
        self.recorder, self.scenario = recorder, scenario
        self.is_loopback = scenario['topology'] == 'loopback'
        self.hosts = ('client',) if self.is_loopback else HOSTS
        self.rules = [{**rule, 'seen': 0} for rule in scenario.get('rules', [])]
        self.namespaces, self.devices, self.settings, self.cgroups = {}, {}, {}, {}
        self.sockets, self.ready, self.unsent = {}, {}, {}
        self.reads, self.ended, self.errors = set(), set(), {}
        self.is_listening = self.has_accepted = False
        self.wire, self.results, self.queue, self.order, self.late = [], [], [], 0, 0.0

    # --- machines

    def host_of(self, who):
        return 'client' if self.is_loopback or who == 'client' else 'server'

    def address(self):
        if self.scenario['family'] == '6':
            return '::1' if self.is_loopback else 'fd00:2::1'
        return '127.0.0.1' if self.is_loopback else '10.0.1.1'

    def make_host(self, index, host):
        LIBC.setns(self.recorder.home, CLONE_NEWNET)
        if LIBC.unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'unshare')
        self.namespaces[host] = os.open('/proc/self/ns/net', os.O_RDONLY)
        for name in ('all', 'default'):
            for setting in ('accept_dad', 'router_solicitations'):
                with open(f'/proc/sys/net/ipv6/conf/{name}/{setting}', 'w') as file:
                    file.write('0')
        shell('ip link set lo up')
        if not self.is_loopback:
            self.make_device(index, host)
        wanted = {'tcp_congestion_control': 'cubic', **self.scenario.get('sysctls', {}).get(host, {})}
        for name, value in wanted.items():
            folder = next(f for f in ('ipv4', 'core') if os.path.exists(f'/proc/sys/net/{f}/{name}'))
            with open(f'/proc/sys/net/{folder}/{name}', 'w') as file:
                file.write(str(value))
        self.settings[host] = {}
        for folder, names in (('ipv4', os.listdir('/proc/sys/net/ipv4')), ('core', ['rmem_max', 'wmem_max', 'somaxconn'])):
            for name in names:
                if folder == 'ipv4' and (not name.startswith('tcp_') or 'key' in name):
                    continue
                try:
                    self.settings[host][name] = open(f'/proc/sys/net/{folder}/{name}').read().strip()
                except OSError:
                    continue

    def make_device(self, index, host):
        device = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
        # TUNSETIFF with IFF_TUN and IFF_NO_PI.
        fcntl.ioctl(device, 0x400454CA, struct.pack('16sH22x', b'tun0', 0x1001))
        self.devices[host] = device
        mtu = self.scenario.get('mtu', 1500)
        quiet = 'addrgenmode none' if mtu >= 1280 else ''
        shell(f'ip link set tun0 mtu {mtu} gso_max_segs 1 {quiet} up')
        shell(f'ip addr add 10.0.{index}.1/32 dev tun0 && ip route add default dev tun0')
        if self.scenario['family'] == '6':
            shell(f'ip -6 addr add fd00:{index + 1}::1/128 dev tun0 nodad && ip -6 route add default dev tun0')
            time.sleep(0.05)

    def attach(self):
        for host, program in self.recorder.programs.items():
            folder = f'{self.recorder.folder}/{self.recorder.count}-{host}'
            os.makedirs(folder)
            self.cgroups[host] = os.open(folder, os.O_RDONLY)
            program.read()
            program.configure(self.scenario.get('programs', {}).get('client' if self.is_loopback else host) or {})
            bpf(BPF_PROG_ATTACH, (4, self.cgroups[host]), (4, program.fd), (4, SOCK_OPS), (4, ALLOW_MULTI))

    def fresh_socket(self, who):
        """A socket in the cgroup and the namespace of its host. Made early, because changing the cgroup takes long."""
        host = self.host_of(who)
        with open(f'{self.recorder.folder}/{self.recorder.count}-{host}/cgroup.procs', 'w') as file:
            file.write('0')
        LIBC.setns(self.namespaces[host], CLONE_NEWNET)
        family = self.scenario['family']
        is_v6 = family == '6' or (family == 'mapped' and who == 'listener')
        made = socket.socket(socket.AF_INET6 if is_v6 else socket.AF_INET, socket.SOCK_STREAM)
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == 'mapped' and who == 'listener':
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        return made

    # --- the run

    def record(self):
        try:
            for index, host in enumerate(self.hosts):
                self.make_host(index, host)
            self.attach()
            self.ready = {who: self.fresh_socket(who) for who in ('listener', 'client')}
            self.start = now() + 3_000_000
            for step in self.scenario['steps']:
                self.push(self.start + int(step['at'] * 1e6), ('step', step))
            self.loop(self.start + int(self.scenario['until'] * 1e6))
        finally:
            self.clean_up()
        return {
            'sysctls': self.settings,
            'events': self.events(),
            'wire': self.wire,
            'results': self.results,
            'late': round(self.late, 2),
        }

    def clean_up(self):
        for host, cgroup in self.cgroups.items():
            bpf(BPF_PROG_DETACH, (4, cgroup), (4, self.recorder.programs[host].fd), (4, SOCK_OPS), (4, 0))
            os.close(cgroup)
        for made in [*self.sockets.values(), *self.ready.values()]:
            if made is not None:
                made.close()
        for descriptor in [*self.devices.values(), *self.namespaces.values()]:
            os.close(descriptor)
        LIBC.setns(self.recorder.home, CLONE_NEWNET)

    def events(self):
        found = []
        for host, program in self.recorder.programs.items():
            for event in program.read():
                found.append({**event, 'host': host, 't_ns': event['t_ns'] - self.start})
        return sorted(found, key=lambda event: event['t_ns'])

    def push(self, when, what):
        self.order += 1
        heapq.heappush(self.queue, (when, self.order, what))

    def loop(self, end):
        while now() < end:
            while self.queue and self.queue[0][0] <= now():
                due, _, (kind, *what) = heapq.heappop(self.queue)
                self.late = max(self.late, (now() - due) / 1e6)
                if kind == 'step':
                    self.step(what[0])
                else:
                    os.write(self.devices[what[0]], what[1])
                self.settle()
            until = min(end, self.queue[0][0] if self.queue else end)
            watched = [*self.devices.values(), *(self.sockets[who] for who in self.reads if self.sockets.get(who))]
            watched += [self.sockets['listener']] if self.is_listening else []
            writers = [made for who, made in self.sockets.items() if made and self.unsent.get(who)]
            select.select(watched, writers, [], max(0.0, min((until - now()) / 1e9, 0.02)))
            self.settle()

    def settle(self):
        """Carries packets and lets the applications react until nothing happens any more."""
        self.forward()
        while self.react():
            pass
        self.forward()

    def forward(self):
        for host, device in self.devices.items():
            while True:
                try:
                    packet = Packet(os.read(device, 70000))
                except BlockingIOError:
                    break
                if packet.is_tcp:
                    self.carry(host, packet)

    def carry(self, host, packet):
        extra, copies, is_dropped, data, tos = 0, 1, False, packet.data, packet.tos
        for rule in self.rules:
            if rule.get('from', host) != host or not packet.is_kind(rule.get('kind', 'ANY')):
                continue
            index = rule['seen']
            rule['seen'] += 1
            if not rule.get('first', 0) <= index < rule.get('first', 0) + rule.get('count', 1):
                continue
            if rule['action'] == 'drop':
                is_dropped = True
            elif rule['action'] == 'delay':
                extra += int(rule['by'] * 1e6)
            elif rule['action'] == 'duplicate':
                copies += 1
            elif packet.tos & 3:
                data, tos = packet.congested(), packet.tos | 3
        self.wire.append({
            'from': host, 'flags': packet.flags, 'seq': packet.seq, 'ack': packet.ack, 'window': packet.window, 'tos': tos,
            'payload': packet.payload, 'options': packet.options.hex(), 'dropped': is_dropped, 't_ns': now() - self.start,
        })  # fmt: skip
        if is_dropped:
            return
        other = 'server' if host == 'client' else 'client'
        for _ in range(copies):
            self.push(now() + int(self.scenario['delay'] * 1e6) + extra, ('deliver', other, data))

    # --- the applications

    def note(self, what, result):
        self.results.append([what, result])

    def react(self):
        happened = False
        if self.is_listening and not self.has_accepted and self.scenario.get('autoAccept', True):
            happened = self.accept('noted') or happened
        for who in HOSTS:
            made = self.sockets.get(who)
            if made is None:
                continue
            if self.unsent.get(who) and select.select([], [made], [], 0)[1]:
                self.pump(who)
            if who in self.reads and who not in self.ended:
                happened = self.read_all(who) > 0 or happened
                if who in self.ended and self.scenario.get('autoClose', {}).get(who):
                    self.close(who)
                    happened = True
        return happened

    def accept(self, note):
        try:
            made, _ = self.sockets['listener'].accept()
        except BlockingIOError:
            return False
        made.setblocking(False)
        self.sockets['server'], self.has_accepted = made, True
        if note == 'noted':
            self.note('accept', 0)
        self.set_options('server', made, 'unnoted')
        return True

    def read_all(self, who):
        total = 0
        while True:
            try:
                data = self.sockets[who].recv(65536)
            except BlockingIOError:
                return total
            except OSError as error:
                if error.errno != errno.ENOTCONN:
                    self.note(f'{who} error', error.errno)
                    self.ended.add(who)
                return total
            if not data:
                self.note(f'{who} eof', 0)
                self.ended.add(who)
                return total
            total += len(data)

    def pump(self, who):
        try:
            self.unsent[who] -= self.sockets[who].send(bytes(self.unsent[who]))
        except BlockingIOError:
            pass
        except OSError as error:
            self.note(f'{who} send', -error.errno)
            self.unsent[who] = 0

    def close(self, who):
        made = self.sockets.get(who)
        self.sockets[who] = None
        self.is_listening = self.is_listening and who != 'listener'
        if made is not None:
            made.close()

    def set_option(self, made, option):
        value = option['value']
        try:
            made.setsockopt(option['level'], option['opt'], value if isinstance(value, int) else bytes.fromhex(value))
            return 0
        except OSError as error:
            return -error.errno

    def set_options(self, who, made, note):
        for option in self.scenario.get('opts', []):
            if option['who'] == who:
                result = self.set_option(made, option)
                if note == 'noted':
                    self.note(f'{who} opt {option["level"]}:{option["opt"]}', result)

    def take_socket(self, who):
        made = self.ready.pop(who, None) or self.fresh_socket(who)
        LIBC.setns(self.namespaces[self.host_of(who)], CLONE_NEWNET)
        self.set_options(who, made, 'noted')
        self.sockets[who] = made
        return made

    def step(self, step):
        what, who = step['do'], step.get('who')
        made = self.sockets.get(who)
        if what == 'listen':
            made = self.take_socket('listener')
            made.bind(('::' if self.scenario['family'] == 'mapped' else self.address(), SERVER_PORT))
            made.listen(step.get('backlog', 5))
            self.is_listening = True
        elif what == 'connect':
            self.connect(step)
        elif what == 'accept':
            self.accept('unnoted')
        elif what == 'auto':
            (self.reads.add if step.get('on', True) else self.reads.discard)(who)
        elif made is None:
            return
        elif what == 'send':
            self.unsent[who] = self.unsent.get(who, 0) + step['bytes']
            self.pump(who)
        elif what == 'recv':
            try:
                self.note(f'{who} recv', len(made.recv(step['bytes'])))
            except BlockingIOError:
                self.note(f'{who} recv', 0)
        elif what == 'shutdown':
            try:
                made.shutdown({'receive': 0, 'send': 1, 'both': 2}[step['how']])
            except OSError as error:
                self.note(f'shutdown {who}', -error.errno)
        elif what == 'close':
            self.close(who)
        elif what == 'linger':
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, step['seconds']))
        elif what == 'opt':
            self.note(f'{who} opt {step["level"]}:{step["opt"]}', self.set_option(made, step))
        elif what == 'disconnect':
            self.note('disconnect', LIBC.connect(made.fileno(), ctypes.create_string_buffer(16), 16))

    def connect(self, step):
        made = self.sockets.get('client')
        if made is None:
            made = self.take_socket('client')
            made.bind(('', CLIENT_PORT))
        target = (self.address(), step.get('port', SERVER_PORT))
        if 'data' not in step:
            self.note('connect', -made.connect_ex(target))
            return
        try:
            self.note('tfo', made.sendto(bytes(step['data']), socket.MSG_FASTOPEN, target))
        except OSError as error:
            self.note('tfo', -error.errno)


def allow_congestion_control():
    """Lets namespaces use every algorithm that is loaded."""
    loaded = open('/proc/sys/net/ipv4/tcp_available_congestion_control').read()
    with open('/proc/sys/net/ipv4/tcp_allowed_congestion_control', 'w') as file:
        file.write(loaded.strip())


def main():
    scenarios, recordings, object_file, name = sys.argv[1:5]
    allow_congestion_control()
    recorder = Recorder(name, object_file)
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5))
    try:
        with open(recordings, 'w') as out:
            for scenario in json.load(open(scenarios)):
                out.write(json.dumps(recorder.run(scenario)) + '\n')
                out.flush()
    finally:
        recorder.close()


main()
