"""Two providers' networks in one simulated time: whichever has the next thing to do says when that is."""

from device_sim.aliyun_network import AliyunNetwork
from device_sim.aliyun_play import MAINLAND
from device_sim.phones import PhoneNetwork


class Networks:
    """Fits what a story plays: both move together, and what rang is told in one order."""

    def __init__(self, phones: PhoneNetwork, mainland: AliyunNetwork) -> None:
        self._phones, self._mainland = phones, mainland

    @property
    def rings(self):
        return sorted([*self._phones.rings, *self._mainland.rings], key=lambda ring: ring.at_ms)

    @property
    def texts(self):
        """Number, time and words of each text, in order."""
        abroad = [(text.to, text.made_at_ms, text.body) for text in self._phones.texts]
        mainland = [(MAINLAND + text.to, text.made_at_ms, text.content) for text in self._mainland.texts]
        return sorted([*abroad, *mainland], key=lambda text: text[1])

    def next_event_ms(self):
        waits = (self._phones.next_event_ms(), self._mainland.next_event_ms())
        return min((at_ms for at_ms in waits if at_ms is not None), default=None)

    def move_to(self, now_ms):
        self._phones.move_to(now_ms)
        self._mainland.move_to(now_ms)

    async def advance_to(self, now_ms):
        return await self._phones.advance_to(now_ms) + await self._mainland.advance_to(now_ms)
