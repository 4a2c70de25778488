// The BPF Maps view of the Run and Debug side bar: every map of the stopped program, entries decoded by BTF, what changed marked.

import * as vscode from 'vscode';
import { activeSession, DEBUG_TYPE } from './debugging.ts';

interface MapEntry {
  readonly key: string;
  readonly value: string;
  readonly changed?: boolean;
}

interface MapRow {
  readonly name: string;
  readonly type: string;
  readonly maxEntries: number;
  readonly entries: readonly MapEntry[];
  /** Number of entries that were left out of the answer. */
  readonly truncated?: number;
}

type Node =
  | { readonly kind: 'map'; readonly map: MapRow }
  | { readonly kind: 'entry'; readonly map: MapRow; readonly entry: MapEntry }
  | { readonly kind: 'more'; readonly count: number };

class MapsProvider implements vscode.TreeDataProvider<Node> {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;

  refresh(): void {
    this.#changed.fire();
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node === undefined) {
      const session = activeSession();
      if (session === undefined) return [];
      try {
        const reply: { readonly maps: readonly MapRow[] } = await session.customRequest('sockscope/maps', {});
        return reply.maps.map((map) => ({ kind: 'map', map }));
      } catch {
        return []; // running, or not launched yet: the welcome text stands
      }
    }
    if (node.kind !== 'map') return [];
    const entries: Node[] = node.map.entries.map((entry) => ({ kind: 'entry', map: node.map, entry }));
    if (node.map.truncated) entries.push({ kind: 'more', count: node.map.truncated });
    return entries;
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case 'map': {
        const { map } = node;
        const item = new vscode.TreeItem(
          map.name,
          map.entries.length > 0 ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None,
        );
        item.description = `${map.type}, ${map.entries.length + (map.truncated ?? 0)} of ${map.maxEntries}`;
        item.iconPath = new vscode.ThemeIcon(map.entries.some((entry) => entry.changed) ? 'circle-filled' : 'table');
        item.id = map.name;
        return item;
      }
      case 'entry': {
        const item = new vscode.TreeItem(`[${node.entry.key}]`);
        item.description = `${node.entry.value}${node.entry.changed ? '  (changed)' : ''}`;
        item.tooltip = `${node.map.name}[${node.entry.key}] = ${node.entry.value}`;
        if (node.entry.changed)
          item.iconPath = new vscode.ThemeIcon('circle-filled', new vscode.ThemeColor('debugTokenExpression.value'));
        item.contextValue = 'mapEntry';
        return item;
      }
      case 'more':
        return new vscode.TreeItem(`${node.count} more entries`);
    }
  }
}

export function registerMapsView(context: vscode.ExtensionContext): void {
  const provider = new MapsProvider();
  context.subscriptions.push(
    vscode.window.registerTreeDataProvider('sockscope.maps', provider),
    vscode.debug.onDidChangeActiveDebugSession(() => provider.refresh()),
    vscode.debug.onDidChangeActiveStackItem(() => provider.refresh()),
    vscode.debug.onDidTerminateDebugSession((session) => session.type === DEBUG_TYPE && provider.refresh()),
  );
}
