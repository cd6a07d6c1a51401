"""Settings of channels whose provider is a stand-in on this machine."""

from provider_stand_in import ACCESS_KEY, SECRET

from alerts.channels.aliyun_settings import AliyunSettings

MAINLAND = "+8613800000001"
NOWHERE = "http://127.0.0.1:1"
TIMEOUT_S = 0.3
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
            "request_timeout_s": TIMEOUT_S,
            **more,
        }
    )
