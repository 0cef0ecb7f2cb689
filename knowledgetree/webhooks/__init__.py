"""Webhooks: what happens here, told to the programs of others by signed HTTP requests (docs/webhooks.md).

    emit(EventType.NODE_CREATED, {"nodes": […]})

``events`` queues an event for the endpoints that want it, ``deliveries`` sends what is due and tries again, ``sending``
makes one request, ``addresses`` says where none may go.
"""
