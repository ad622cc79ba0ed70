"""Every screen a resident meets, as pictures: ``make pictures`` writes ``docs/screens-zh.png`` and ``docs/screens-en.png``.

``journeys.yaml`` says who says and presses what, in both languages; ``stage`` plays it in a real browser before the real
service, ``sheet`` puts the pictures side by side.
"""
