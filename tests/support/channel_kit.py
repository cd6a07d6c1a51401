"""Settings of channels whose provider is a stand-in on this machine."""

from provider_stand_in import ACCESS_KEY, SECRET

from alerts.channels.aliyun_settings import AliyunSettings

MAINLAND = "+8613800000001"
NOWHERE = "http://127.0.0.1:1"
PATIENT_S = 15.0
"""A busy machine is slow: an answer that comes counts, however late."""

HANG_UP_AFTER_S = 1.0
"""Where no answer will come."""

TOKEN = "a-secret-that-nobody-guesses"


def aliyun_settings(base, **more):
    return AliyunSettings(
        **{
            "access_key_id": ACCESS_KEY,
            "access_key_secret": SECRET,
            "shown_number": "02388888888",
            "resident_code": "TTS_1",
            "contact_code": "TTS_2",
            "thanks_code": "TTS_3",
            "sign_name": "守望",
            "sms_template": "SMS_1",
            "bundle_template": "SMS_2",
            "callback_token": TOKEN,
            "api_base": base,
            "request_timeout_s": PATIENT_S,
            **more,
        }
    )
