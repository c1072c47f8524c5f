"""The marks inside shapes (BPMN 2.0 §7.2, §10), drawn around the origin within ±12 units; those of throwing events are filled."""

ENVELOPE = '<path d="M-8,-5.5H8V5.5H-8Z M-8,-5.5L0,1 8,-5.5"/>'
EVENTS = {
    "message": ENVELOPE,
    "timer": '<circle r="8"/><path d="M0,-5V0L4,2" fill="none"/>',
    "signal": '<path d="M0,-8L8,6H-8Z"/>',
    "error": '<path d="M-7,7L-3,-6 2,2 7,-8 3,6 -2,-2Z"/>',
    "escalation": '<path d="M0,-8L6,8 0,2 -6,8Z"/>',
    "conditional": '<path d="M-6,-8H6V8H-6Z M-4,-4H4 M-4,0H4 M-4,4H4"/>',
    "compensate": '<path d="M0,-5V5L-8,0Z M8,-5V5L0,0Z"/>',
    "cancel": '<path d="M-7,-5L-2,0 -7,5 -5,7 0,2 5,7 7,5 2,0 7,-5 5,-7 0,-2 -5,-7Z"/>',
    "link": '<path d="M-8,-3H2V-7L9,0 2,7V3H-8Z"/>',
    "terminate": '<circle r="8" fill="currentColor"/>',
    "multiple": '<path d="M0,-8L8,-2 5,7H-5L-8,-2Z"/>',
}
TASKS = {
    "userTask": '<circle cy="-4" r="4"/><path d="M-8,8C-8,2 -4,1 0,1S8,2 8,8Z"/>',
    "scriptTask": '<path d="M-5,-8H7C2,-3 9,2 4,8H-8C-3,2 -10,-3 -5,-8Z M-4,-4H2 M-3,0H4 M-3,4H2"/>',
    "businessRuleTask": '<path d="M-8,-6H8V6H-8Z M-8,-2H8 M-3,-2V6 M-8,2H8"/>',
    "serviceTask": '<circle r="3"/><path d="M0,-8V-5 M0,5V8 M-8,0H-5 M5,0H8 M-6,-6L-4,-4 M4,4L6,6 M-6,6L-4,4 M4,-4L6,-6"/>',
    "manualTask": '<path d="M-8,-4H4L-1,-7 M-8,-4V6H5C8,6 8,3 5,3"/>',
    "sendTask": ENVELOPE,
    "receiveTask": ENVELOPE,
}
GATEWAYS = {
    "exclusiveGateway": '<path d="M-7,-8L7,8 M7,-8L-7,8" stroke-width="3"/>',
    "parallelGateway": '<path d="M0,-11V11 M-11,0H11" stroke-width="3"/>',
    "inclusiveGateway": '<circle r="10" stroke-width="2.5"/>',
    "eventBasedGateway": '<circle r="11"/><circle r="9"/><path d="M0,-6L6,-1 4,5H-4L-6,-1Z"/>',
    "complexGateway": '<path d="M0,-11V11 M-11,0H11 M-8,-8L8,8 M8,-8L-8,8" stroke-width="2.5"/>',
}
LOOPS = {
    "standardLoopCharacteristics": '<path d="M4,5A6,6 0 1 0 -3,5 M-7,5H-3V1" fill="none"/>',
    "multiInstanceLoopCharacteristics": '<path d="M-5,-6V6 M0,-6V6 M5,-6V6" stroke-width="2"/>',
    "sequential": '<path d="M-6,-5H6 M-6,0H6 M-6,5H6" stroke-width="2"/>',
}
COLLAPSED = '<path d="M-6,-6H6V6H-6Z M0,-4V4 M-4,0H4"/>'
