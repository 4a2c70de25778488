// What the adapter says it can do. Each line here has a scripted session in test/dap/ that uses it.

import type { DebugProtocol } from '@vscode/debugprotocol';
import { exceptionFilters } from '../../debugger/index.ts';
import { OPS } from '../../kernel/index.ts';

export function capabilities(): DebugProtocol.Capabilities {
  return {
    supportsConfigurationDoneRequest: true,
    supportsFunctionBreakpoints: true,
    supportsConditionalBreakpoints: true,
    supportsHitConditionalBreakpoints: true,
    supportsLogPoints: true,
    supportsInstructionBreakpoints: true,
    supportsDataBreakpoints: true,
    supportsBreakpointLocationsRequest: true,
    supportsExceptionInfoRequest: true,
    exceptionBreakpointFilters: exceptionFilters(OPS).map((filter) => ({
      filter: filter.id,
      label: filter.label,
      description: filter.description,
      default: filter.enabledByDefault,
    })),
    supportsStepBack: true,
    supportsSteppingGranularity: true,
    supportsStepInTargetsRequest: true,
    supportsGotoTargetsRequest: true,
    supportsRestartRequest: true,
    supportsRestartFrame: true,
    supportsSetVariable: true,
    supportsSetExpression: true,
    supportsEvaluateForHovers: true,
    supportsCompletionsRequest: true,
    completionTriggerCharacters: ['.', '>'],
    supportsDisassembleRequest: true,
    supportsReadMemoryRequest: true,
    supportsWriteMemoryRequest: true,
    supportsLoadedSourcesRequest: true,
    supportsValueFormattingOptions: true,
    supportsClipboardContext: true,
    supportsCancelRequest: true,
    supportsTerminateRequest: true,
  };
}
